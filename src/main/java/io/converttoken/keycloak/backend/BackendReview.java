// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.backend.BackendConfig.Key;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;

/**
 * What is to be said of a backend's mapper.
 *
 * @param identityProvider the identity provider
 * @param backend the backend, if its mapper can be read
 * @param names all names by which the backend can be called, in order
 * @param allowedClients the clients that may convert, in order
 * @param reasons why tokens are refused, or more accepted than most want
 */
public record BackendReview(
        IdentityProviderModel identityProvider,
        Optional<Backend> backend,
        List<String> names,
        List<String> allowedClients,
        List<Reason> reasons) {

    public BackendReview {
        names = List.copyOf(names);
        allowedClients = List.copyOf(allowedClients);
        reasons = List.copyOf(reasons);
    }

    /** Returns the backends of the session's realm, by alias. */
    public static Stream<BackendReview> all(KeycloakSession session) {
        List<IdentityProviderMapperModel> mappers =
                new Backends(session).mappers().toList();
        return mappers.stream()
                .sorted(Comparator.comparing(IdentityProviderMapperModel::getIdentityProviderAlias))
                .flatMap(mapper ->
                        Optional.ofNullable(session.identityProviders().getByAlias(mapper.getIdentityProviderAlias()))
                                .map(identityProvider -> of(session, mapper, identityProvider))
                                .stream());
    }

    private static BackendReview of(
            KeycloakSession session, IdentityProviderMapperModel mapper, IdentityProviderModel identityProvider) {
        Optional<Backend> backend = backend(mapper, identityProvider);
        return new BackendReview(
                identityProvider,
                backend,
                Stream.concat(
                                Stream.of(identityProvider.getAlias()),
                                BackendConfig.backendNamesOf(mapper).stream().sorted())
                        .toList(),
                Key.ALLOWED_CLIENTS.linesIn(BackendConfig.configOf(mapper)).stream()
                        .sorted()
                        .toList(),
                reasons(session, mapper, identityProvider, backend));
    }

    private static Optional<Backend> backend(
            IdentityProviderMapperModel mapper, IdentityProviderModel identityProvider) {
        try {
            return Optional.of(new Backend(identityProvider, mapper.getId(), BackendConfig.from(mapper), List.of()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<Reason> reasons(
            KeycloakSession session,
            IdentityProviderMapperModel mapper,
            IdentityProviderModel identityProvider,
            Optional<Backend> backend) {
        List<Reason> reasons = new ArrayList<>();
        if (!identityProvider.isEnabled()) {
            reasons.add(Reason.of(ReasonCode.BACKEND_SWITCHED_OFF, identityProvider.getAlias()));
        }
        new MapperCheck(session, session.getContext().getRealm())
                .faults(mapper)
                .map(MapperFault::reason)
                .forEach(reasons::add);
        backend.ifPresent(sound -> reasons.addAll(risks(sound)));
        return reasons;
    }

    private static List<Reason> risks(Backend backend) {
        BackendConfig config = backend.config();
        List<Reason> risks = new ArrayList<>();
        if (config.allowedClients().isEmpty()) {
            risks.add(Reason.of(ReasonCode.NO_CLIENT_ALLOWED));
        }
        if (config.allowedClients().contains(BackendConfig.EVERY_CLIENT)) {
            risks.add(Reason.of(ReasonCode.EVERY_CLIENT_ALLOWED));
        }
        if (config.acceptUnboundTokens()) {
            risks.add(Reason.of(ReasonCode.UNBOUND_TOKENS_ACCEPTED));
        }
        if (backend.believesUnsignedLogoutTokens()) {
            risks.add(Reason.of(ReasonCode.UNSIGNED_LOGOUT_TOKENS));
        }
        return risks;
    }
}
