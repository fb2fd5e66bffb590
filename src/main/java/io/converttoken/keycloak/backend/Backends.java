// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.backend.BackendWarnings.Risk;
import io.converttoken.keycloak.internals.StoredMappers;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.keycloak.models.ClientModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.IdentityProviderStorageProvider.FetchMode;
import org.keycloak.models.KeycloakSession;

/** Finds the realm's backends by the names that callers give them. */
public final class Backends {

    private static final Logger LOGGER = Logger.getLogger(Backends.class);

    private static final Set<ReasonCode> MISTAKES =
            EnumSet.of(ReasonCode.BACKEND_AMBIGUOUS, ReasonCode.BACKEND_MISCONFIGURED);

    private final KeycloakSession session;
    private final StoredMappers mappers;
    private final FoundBackends found;

    public Backends(KeycloakSession session) {
        this.session = session;
        this.mappers = new StoredMappers(session, ConvertTokenMapper.PROVIDER_ID);
        this.found = new FoundBackends(session.getContext().getRealm());
    }

    /**
     * Returns the backend of that name, for this client. The log warns the first time if the backend carries a risk.
     *
     * @throws UnknownBackendException when there is no such backend, when it is switched off, or when several claim the
     *     name
     * @throws ClientNotAllowedException when the backend's {@code allowedClients} does not name the client
     */
    public Backend enabledFor(ClientModel client, String name) {
        Backend backend = kept(name).or(() -> find(name)).orElseThrow(() -> warnedOf(unknown(name), name));
        requireAllowed(client, backend);
        if (backend.believesUnsignedLogoutTokens()) {
            BackendWarnings.warn(session, backend, Risk.UNSIGNED_LOGOUT_TOKENS);
        }
        return backend;
    }

    /**
     * Returns the backend of that name, if it takes signals. Nothing is logged, because anybody may ask.
     *
     * @return nothing if there is no such backend, if it is switched off, or if it takes no signals
     */
    public Optional<Backend> takingSignals(String name) {
        return kept(name)
                .or(() -> find(name))
                .filter(backend -> backend.config().signals().areTaken());
    }

    /**
     * Returns the backend that {@link #enabledFor} would return, and tells each check. Nothing is logged.
     *
     * @throws UnknownBackendException as {@link #enabledFor} does
     */
    public Backend explained(String name, Checks checks) {
        return checks.make(
                Check.BACKEND,
                () -> kept(name).or(() -> find(name)).orElseThrow(() -> unknown(name)),
                backend -> Finding.found(backend::alias));
    }

    /** @throws ClientNotAllowedException when the backend's {@code allowedClients} does not name the client */
    public static Finding requireAllowed(ClientModel client, Backend backend) {
        if (!backend.allows(client)) {
            throw new ClientNotAllowedException(backend, client);
        }
        return Finding.of(() -> backend.config().allowedClients(), client::getClientId);
    }

    /** An administrator may have made this mistake without knowing, so that the log says it, too. */
    private static UnknownBackendException warnedOf(UnknownBackendException refusal, String name) {
        if (MISTAKES.contains(refusal.reason().code())) {
            LOGGER.warnf(
                    "Backend '%s' converts nothing until its mapper is mended: %s",
                    name, refusal.reason().text());
        }
        return refusal;
    }

    private UnknownBackendException unknown(String name) {
        List<IdentityProviderMapperModel> claimants = claimants(name);
        if (claimants.isEmpty()) {
            return new UnknownBackendException(
                    byAlias(name).isPresent()
                            ? Reason.of(ReasonCode.BACKEND_WITHOUT_MAPPER, name)
                            : Reason.of(ReasonCode.BACKEND_UNKNOWN, Finding.of(this::names, () -> name)));
        }
        List<String> aliases = claimants.stream()
                .map(IdentityProviderMapperModel::getIdentityProviderAlias)
                .toList();
        if (claimants.size() > 1) {
            return new UnknownBackendException(Reason.of(ReasonCode.BACKEND_AMBIGUOUS, aliases));
        }
        boolean isOn =
                byAlias(aliases.get(0)).filter(IdentityProviderModel::isEnabled).isPresent();
        return new UnknownBackendException(
                isOn
                        ? Reason.of(ReasonCode.BACKEND_MISCONFIGURED, BackendConfig.fault(claimants.get(0)))
                        : Reason.of(ReasonCode.BACKEND_SWITCHED_OFF, aliases.get(0)));
    }

    /** Returns all names of backends, whoever may know them. */
    private Set<String> names() {
        return mappers()
                .flatMap(mapper -> Stream.concat(
                        Stream.of(mapper.getIdentityProviderAlias()), BackendConfig.backendNamesOf(mapper).stream()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns whether any backend of the realm has that name, able to convert or not. */
    public boolean isClaimed(String name) {
        return kept(name).isPresent() || !claimants(name).isEmpty();
    }

    /**
     * Returns the alias of the identity provider that has that name, converting or not, switched on or off, so that an
     * identity that was connected through it can be disconnected.
     *
     * @throws UnknownBackendException when no identity provider has that name, or several have
     */
    public String aliasOf(String name) {
        List<IdentityProviderMapperModel> claimants = claimants(name);
        if (claimants.size() == 1) {
            return claimants.get(0).getIdentityProviderAlias();
        }
        return byAlias(name)
                .filter(identityProvider -> claimants.isEmpty())
                .map(IdentityProviderModel::getAlias)
                .orElseThrow(() -> unknown(name));
    }

    /**
     * Returns the names of the backends that everybody may know, sorted. They are those of the identity providers that
     * the realm's login page offers to everybody. Identity providers that the login page hides, that are for linking
     * only or that belong to an organization are not named. Nothing is logged, because anybody may ask.
     */
    public List<String> publicNames() {
        Set<String> offered = session.identityProviders()
                .getForLogin(FetchMode.REALM_ONLY, null)
                .map(IdentityProviderModel::getAlias)
                .collect(Collectors.toUnmodifiableSet());
        List<IdentityProviderMapperModel> all = mappers().toList();
        return all.stream()
                .filter(mapper -> offered.contains(mapper.getIdentityProviderAlias()))
                .filter(Backends::isSound)
                .flatMap(mapper -> Stream.concat(
                        Stream.of(mapper.getIdentityProviderAlias()), BackendConfig.backendNamesOf(mapper).stream()))
                .distinct()
                .filter(name ->
                        all.stream().filter(mapper -> claims(mapper, name)).count() == 1)
                .sorted()
                .toList();
    }

    private static boolean isSound(IdentityProviderMapperModel mapper) {
        try {
            BackendConfig.from(mapper);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Returns a backend from the mappers that were found before, if all of them are unchanged in Keycloak's cache. The
     * cache learns at once what is changed or deleted. If it misses a change, the database decides again as soon as the
     * mappers that were found are forgotten.
     */
    private Optional<Backend> kept(String name) {
        return found.find(name)
                .filter(parts -> parts.mappers().allMatch(this::isUnchanged))
                .flatMap(parts -> open(parts.mapper(), parts.others())
                        .filter(backend -> parts.identityProvider()
                                .equals(backend.identityProvider().getInternalId())));
    }

    private boolean isUnchanged(IdentityProviderMapperModel mapper) {
        IdentityProviderMapperModel now = session.identityProviders().getMapperById(mapper.getId());
        return now != null
                && now.getIdentityProviderAlias().equals(mapper.getIdentityProviderAlias())
                && now.getIdentityProviderMapper().equals(mapper.getIdentityProviderMapper())
                && BackendConfig.configOf(now).equals(BackendConfig.configOf(mapper));
    }

    private Optional<Backend> find(String name) {
        List<IdentityProviderMapperModel> stored = mappers.ofBackendsAnd(name);
        List<IdentityProviderMapperModel> claimants = claimants(stored, name);
        if (claimants.size() > 1) {
            return Optional.empty();
        }
        return claimants.stream().findFirst().flatMap(claimant -> {
            String alias = claimant.getIdentityProviderAlias();
            Optional<Backend> backend =
                    open(claimant, others(alias.equals(name) ? stored : mappers.ofBackendsAnd(alias), alias));
            backend.ifPresent(present -> found.keep(
                    name,
                    new FoundBackends.Parts(present.identityProvider().getInternalId(), claimant, present.mappers())));
            return backend;
        });
    }

    private List<IdentityProviderMapperModel> claimants(String name) {
        return claimants(mappers.ofBackends(), name);
    }

    private static List<IdentityProviderMapperModel> claimants(List<IdentityProviderMapperModel> stored, String name) {
        return stored.stream()
                .filter(ConvertTokenMapper::isTypeOf)
                .filter(mapper -> claims(mapper, name))
                .toList();
    }

    private static List<IdentityProviderMapperModel> others(List<IdentityProviderMapperModel> stored, String alias) {
        return stored.stream()
                .filter(mapper -> !ConvertTokenMapper.isTypeOf(mapper))
                .filter(mapper -> alias.equals(mapper.getIdentityProviderAlias()))
                .toList();
    }

    /** Returns the realm's mappers of our type, whatever their values are. */
    Stream<IdentityProviderMapperModel> mappers() {
        return mappers.ofBackends().stream();
    }

    private static boolean claims(IdentityProviderMapperModel mapper, String name) {
        return name.equals(mapper.getIdentityProviderAlias())
                || BackendConfig.backendNamesOf(mapper).contains(name);
    }

    private Optional<Backend> open(IdentityProviderMapperModel mapper, List<IdentityProviderMapperModel> others) {
        return byAlias(mapper.getIdentityProviderAlias())
                .filter(IdentityProviderModel::isEnabled)
                .flatMap(identityProvider -> open(identityProvider, mapper, others));
    }

    /**
     * Returns the backend that an identity provider is, switched on or off, without its other mappers. Nothing is
     * returned if it has no mapper of our type, several, or one that makes no sense.
     */
    public Optional<Backend> of(IdentityProviderModel identityProvider) {
        List<IdentityProviderMapperModel> ours = mappers()
                .filter(ConvertTokenMapper::isTypeOf)
                .filter(mapper -> identityProvider.getAlias().equals(mapper.getIdentityProviderAlias()))
                .toList();
        return ours.size() == 1 ? open(identityProvider, ours.get(0), List.of()) : Optional.empty();
    }

    private static Optional<Backend> open(
            IdentityProviderModel identityProvider,
            IdentityProviderMapperModel mapper,
            List<IdentityProviderMapperModel> others) {
        try {
            return Optional.of(new Backend(identityProvider, mapper.getId(), BackendConfig.from(mapper), others));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Compares the alias that was found, because some databases take different names for equal and find one by another.
     */
    private Optional<IdentityProviderModel> byAlias(String alias) {
        return Optional.ofNullable(session.identityProviders().getByAlias(alias))
                .filter(identityProvider -> identityProvider.getAlias().equals(alias));
    }
}
