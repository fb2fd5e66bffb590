// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.backend.BackendConfig.Key;
import io.converttoken.keycloak.internals.StoredAdminEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.events.admin.AuthDetails;
import org.keycloak.events.admin.OperationType;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.locale.LocaleSelectorProvider;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.representations.idm.IdentityProviderMapperRepresentation;
import org.keycloak.services.ErrorResponse;
import org.keycloak.services.resources.admin.AdminRoot;
import org.keycloak.util.JsonSerialization;

/**
 * Refuses to save a mapper that makes no sense, with a message that the admin console shows. Moves a private key out of
 * a mapper that is saved. Puts what is saved or deleted in force on all nodes.
 *
 * <p>Keycloak 26.7.3 asks no extension before it saves an identity provider mapper. But it announces the saving within
 * the transaction, to the realm's admin event listeners and the global ones, whether admin events are stored or not
 * ({@code AdminEventBuilder.send}). An exception that a listener throws there is swallowed. An exception that is thrown
 * while the transaction prepares to commit rolls the transaction back and becomes the answer.
 *
 * <p>Imports of realms, full and partial, are not announced like this and not refused. The mappers that an import
 * brings are checked when they are used. Deleting is never refused.
 */
final class MapperGuard implements EventListenerProvider {

    private static final Set<OperationType> SAVING = Set.of(OperationType.CREATE, OperationType.UPDATE);

    private static final Set<ResourceType> MAKING_BACKENDS =
            Set.of(ResourceType.IDENTITY_PROVIDER, ResourceType.IDENTITY_PROVIDER_MAPPER);

    /**
     * The resources whose change may end meters. Deletions that Keycloak announces by its own events are not among
     * them, see {@link GoneBackends}.
     */
    private static final Set<ResourceType> MAKING_METERS =
            Set.of(ResourceType.REALM, ResourceType.IDENTITY_PROVIDER_MAPPER);

    /** This is more than an administrator mends at a time. */
    private static final int TOLD_AT_ONCE = 5;

    private final KeycloakSession session;

    MapperGuard(KeycloakSession session) {
        this.session = session;
    }

    @Override
    public void onEvent(Event event) {
        // users save no mappers
    }

    @Override
    public void onEvent(AdminEvent event, boolean includeRepresentation) {
        if (event.getResourceType() == ResourceType.IDENTITY_PROVIDER_MAPPER) {
            session.getTransactionManager().enlistPrepare(new Inspection(event));
        }
        if (MAKING_BACKENDS.contains(event.getResourceType())) {
            new FoundBackends(session.realms().getRealm(event.getRealmId())).forget();
        }
        if (MAKING_METERS.contains(event.getResourceType())) {
            GoneBackends.lookAfter(session, event.getRealmId());
        }
    }

    @Override
    public void close() {
        // holds nothing
    }

    /** Checks the saved mappers when everything is saved, and before it is committed. */
    private final class Inspection extends AbstractKeycloakTransaction {

        private final AdminEvent event;

        Inspection(AdminEvent event) {
            this.event = event;
        }

        @Override
        protected void commitImpl() {
            if (SAVING.contains(event.getOperationType())) {
                inspect(event);
            } else {
                forgetKey(event);
            }
        }

        @Override
        protected void rollbackImpl() {
            // nothing was done
        }
    }

    /**
     * Makes no query for mappers of other types, nor for mappers without a name. The database refuses a mapper without
     * a name. A query would meet that refusal before Keycloak does, and the answer would be a fault of the server.
     */
    private void inspect(AdminEvent event) {
        List<IdentityProviderMapperModel> saved = saved(event);
        if (!saved.isEmpty()) {
            refuseFaults(saved, event);
            saved.forEach(mapper -> hideKey(mapper, event));
        }
    }

    /** Takes a private key out of the mapper, and out of the event that tells of the saving. */
    private void hideKey(IdentityProviderMapperModel mapper, AdminEvent event) {
        RealmModel realm = session.realms().getRealm(event.getRealmId());
        String id = Key.APPLE_PRIVATE_KEY.id();
        String given = Key.APPLE_PRIVATE_KEY.in(BackendConfig.configOf(mapper));
        String hidden = ApplePrivateKey.of(session, realm, mapper)
                .map(ApplePrivateKey::hidden)
                .orElse(given);
        if (!hidden.equals(given)) {
            mapper.getConfig().put(id, hidden);
            session.identityProviders().updateMapper(mapper);
            redact(event, id, hidden);
        }
    }

    private void redact(AdminEvent event, String key, String hidden) {
        try {
            IdentityProviderMapperRepresentation saved =
                    JsonSerialization.readValue(event.getRepresentation(), IdentityProviderMapperRepresentation.class);
            saved.getConfig().put(key, hidden);
            event.setRepresentation(JsonSerialization.writeValueAsString(saved));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the event has the representation of a mapper"); // the cause may quote the key
        }
        StoredAdminEvents.replaceRepresentation(session, event.getId(), event.getRepresentation());
    }

    /** Deletes the key of a mapper that is deleted. */
    private void forgetKey(AdminEvent event) {
        String[] path = event.getResourcePath().split("/");
        boolean isOfMapper = path.length >= 3 && path[path.length - 2].equals("mappers");
        if (isOfMapper) {
            RealmModel realm = session.realms().getRealm(event.getRealmId());
            Optional.ofNullable(session.identityProviders().getByAlias(path[path.length - 3]))
                    .ifPresent(owner ->
                            ApplePrivateKey.forget(session, realm, owner.getInternalId(), path[path.length - 1]));
        }
    }

    private void refuseFaults(List<IdentityProviderMapperModel> saved, AdminEvent event) {
        RealmModel realm = session.realms().getRealm(event.getRealmId());
        MapperCheck check = new MapperCheck(session, realm);
        Locale locale = localeOf(event.getAuthDetails());
        Properties messages = AdminRoot.getMessages(session, realm, locale.toLanguageTag());
        String faults = saved.stream()
                .flatMap(check::faults)
                .limit(TOLD_AT_ONCE)
                .map(fault -> fault.in(messages, locale))
                .collect(Collectors.joining(" "));
        if (!faults.isEmpty()) {
            throw ErrorResponse.error(faults, jakarta.ws.rs.core.Response.Status.BAD_REQUEST);
        }
    }

    /**
     * Returns the mapper of the path and that of the body, because Keycloak updates the mapper that the body names,
     * whatever the path says.
     */
    private List<IdentityProviderMapperModel> saved(AdminEvent event) {
        String path = event.getResourcePath();
        return Stream.of(path.substring(path.lastIndexOf('/') + 1), idInBody(event))
                .filter(id -> !id.isEmpty())
                .distinct()
                .map(session.identityProviders()::getMapperById)
                .filter(Objects::nonNull)
                .filter(ConvertTokenMapper::isTypeOf)
                .filter(mapper -> mapper.getName() != null)
                .toList();
    }

    private static String idInBody(AdminEvent event) {
        if (event.getRepresentation() == null) {
            return "";
        }
        try {
            return Optional.ofNullable(JsonSerialization.readValue(
                                    event.getRepresentation(), IdentityProviderMapperRepresentation.class)
                            .getId())
                    .orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the language in which the admin console speaks to this administrator ({@code AdminConsole.whoAmI}). */
    private Locale localeOf(AuthDetails administrator) {
        RealmModel realm = session.realms().getRealm(administrator.getRealmId());
        UserModel user = session.users().getUserById(realm, administrator.getUserId());
        return session.getProvider(LocaleSelectorProvider.class).resolveLocale(realm, user);
    }
}
