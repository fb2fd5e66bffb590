// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.backend.BackendConfig.Key;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.models.ClientModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** Looks for faults by which a mapper, as it is stored now, would convert nothing, or something else than is meant. */
final class MapperCheck {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final List<IdentityProviderMapperModel> all;

    MapperCheck(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
        this.all = new Backends(session).mappers().toList();
    }

    Stream<MapperFault> faults(IdentityProviderMapperModel mapper) {
        return Stream.of(
                        secondMapper(mapper),
                        unknownKeys(mapper),
                        unsoundValues(mapper),
                        faultsOfAppleKey(mapper),
                        unsoundLines(mapper),
                        unknownClients(mapper),
                        takenNames(mapper))
                .flatMap(faults -> faults);
    }

    private Stream<MapperFault> secondMapper(IdentityProviderMapperModel mapper) {
        String alias = mapper.getIdentityProviderAlias();
        return all.stream()
                .filter(other -> !other.getId().equals(mapper.getId()))
                .filter(other -> other.getIdentityProviderAlias().equals(alias))
                .limit(1)
                .map(first -> MapperFault.second(alias, first.getName()));
    }

    private static Stream<MapperFault> unsoundValues(IdentityProviderMapperModel mapper) {
        Map<String, String> config = BackendConfig.configOf(mapper);
        return BackendConfig.unsoundKeys(config).stream().map(key -> MapperFault.unsound(key, key.in(config)));
    }

    /** A key that is sound in itself may be missing where the value refers to. */
    private Stream<MapperFault> faultsOfAppleKey(IdentityProviderMapperModel mapper) {
        Map<String, String> config = BackendConfig.configOf(mapper);
        String value = Key.APPLE_PRIVATE_KEY.in(config);
        boolean isUnreadable = !value.isEmpty()
                && ApplePrivateKey.isSound(value)
                && ApplePrivateKey.of(session, realm, mapper)
                        .flatMap(ApplePrivateKey::read)
                        .isEmpty();
        return Stream.concat(
                BackendConfig.missingOfApple(config).stream().map(MapperFault::missingOfApple),
                isUnreadable ? Stream.of(MapperFault.unreadableKey()) : Stream.empty());
    }

    /** A misspelt key would leave the default of the key that was meant. */
    private static Stream<MapperFault> unknownKeys(IdentityProviderMapperModel mapper) {
        return BackendConfig.unknownKeys(BackendConfig.configOf(mapper)).stream()
                .map(MapperFault::unknownKey);
    }

    /** Two values in one line, or a wildcard, look as if they worked, and match nothing. */
    private static Stream<MapperFault> unsoundLines(IdentityProviderMapperModel mapper) {
        Map<String, String> config = BackendConfig.configOf(mapper);
        return Stream.of(Key.BACKEND_NAMES, Key.ACCEPTED_AUDIENCES)
                .flatMap(key -> key.linesIn(config).stream()
                        .filter(line -> !BackendConfig.isOneValue(line))
                        .map(line -> MapperFault.unsoundLine(key, line)));
    }

    private Stream<MapperFault> unknownClients(IdentityProviderMapperModel mapper) {
        return Key.ALLOWED_CLIENTS.linesIn(BackendConfig.configOf(mapper)).stream()
                .filter(clientId -> !clientId.equals(BackendConfig.EVERY_CLIENT))
                .filter(clientId -> !isClient(clientId))
                .map(MapperFault::unknownClient);
    }

    /** Compares the id that was found, because some databases take different ids for equal. */
    private boolean isClient(String clientId) {
        ClientModel client = session.clients().getClientByClientId(realm, clientId);
        return client != null && client.getClientId().equals(clientId);
    }

    private Stream<MapperFault> takenNames(IdentityProviderMapperModel mapper) {
        String alias = mapper.getIdentityProviderAlias();
        Map<String, String> owners = ownersOfNames(alias);
        Stream<MapperFault> ofAlias =
                Optional.ofNullable(owners.get(alias)).map(owner -> MapperFault.aliasTaken(alias, owner)).stream();
        Stream<MapperFault> ofNames = BackendConfig.backendNamesOf(mapper).stream()
                .flatMap(name ->
                        Optional.ofNullable(owners.get(name))
                                .map(owner -> MapperFault.nameTaken(name, owner))
                                .stream());
        return Stream.concat(ofAlias, ofNames);
    }

    /**
     * Returns the names of all backends but one, each with the alias of an identity provider whose mapper claims the
     * name.
     */
    private Map<String, String> ownersOfNames(String exceptAlias) {
        Map<String, String> owners = new HashMap<>();
        for (IdentityProviderMapperModel other : all) {
            String alias = other.getIdentityProviderAlias();
            if (!alias.equals(exceptAlias)) {
                owners.putIfAbsent(alias, alias);
                BackendConfig.backendNamesOf(other).forEach(name -> owners.putIfAbsent(name, alias));
            }
        }
        return owners;
    }
}
