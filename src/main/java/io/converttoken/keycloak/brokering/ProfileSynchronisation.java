// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.TokenReceived;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.io.IOException;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.broker.provider.ExchangeTokenToIdentityProviderToken;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.broker.provider.IdentityProviderMapperSyncModeDelegate;
import org.keycloak.events.Errors;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.IdentityProviderSyncMode;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.representations.AccessTokenResponse;
import org.keycloak.util.Booleans;
import org.keycloak.util.JsonSerialization;

/**
 * Applies a profile to a user, with the identity provider, its mappers and its sync mode, as
 * {@code IdentityBrokerService} does (Keycloak 26.7.3: {@code authenticated}, {@code afterFirstBrokerLogin},
 * {@code updateFederatedIdentity}).
 */
public final class ProfileSynchronisation {

    private static final Logger LOGGER = Logger.getLogger(ProfileSynchronisation.class);

    /** The number of characters that Keycloak's tables can hold of a name or an e-mail address. */
    private static final int MAX_LENGTH = 255;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final Backend backend;
    private final IdentityProviderModel model;

    public ProfileSynchronisation(KeycloakSession session, Backend backend) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.backend = backend;
        this.model = backend.identityProvider();
    }

    /** Must be called before there is an authentication session, because providers look there for a browser's nonce. */
    public void preprocess(BrokeredIdentityContext context) {
        if (!Booleans.isTrue(model.isStoreToken())) {
            context.setToken(null);
        }
        context.getIdp().preprocessFederatedIdentity(session, realm, context);
        forEachMapper((mapper, config) -> mapper.preprocessFederatedIdentity(session, realm, config, context));
    }

    /** Completes a user whom the first-login flow has just created. */
    void importNew(UserModel user, BrokeredIdentityContext context) {
        context.getIdp().importNewUser(session, realm, user, context);
        forEachMapper((mapper, config) -> mapper.importNewUser(session, realm, user, config, context));
        context.getIdp().updateBrokeredUser(session, realm, user, context);
    }

    /** Updates a user who existed before this login, whether the identity was linked now or long ago. */
    public void update(UserModel user, BrokeredIdentityContext context) {
        boolean isForced = model.getSyncMode() == IdentityProviderSyncMode.FORCE;
        if (isForced) {
            requireFits(user, context);
        }
        if (isForced || Booleans.isTrue(model.isStoreToken())) {
            FederatedIdentityModel link = link(user);
            updateToken(user, context, isForced ? takeOverNames(user, context, link) : link);
        }
        context.getIdp().updateBrokeredUser(session, realm, user, context);
        forEachMapper((mapper, config) -> IdentityProviderMapperSyncModeDelegate.delegateUpdateBrokeredUser(
                session, realm, user, config, context, mapper));
    }

    /** Checked before the profile is stored: here the reason is known, and a later error could log the profile. */
    private void requireFits(UserModel user, BrokeredIdentityContext context) {
        boolean fits = Stream.of(context.getFirstName(), context.getLastName(), context.getEmail())
                .filter(Objects::nonNull)
                .allMatch(value -> value.length() <= MAX_LENGTH);
        if (!fits) {
            throw new UserRefusedException(
                    user,
                    Errors.IDENTITY_PROVIDER_LOGIN_FAILURE,
                    Reason.of(ReasonCode.PROFILE_UNSTORABLE, "a value that is too long"));
        }
        if (isAnothers(context.getEmail(), user)) {
            throw new UserRefusedException(
                    user, Errors.IDENTITY_PROVIDER_LOGIN_FAILURE, Reason.of(ReasonCode.NAME_TAKEN, "e-mail address"));
        }
    }

    private boolean isAnothers(@Nullable String email, UserModel user) {
        if (email == null || email.equalsIgnoreCase(user.getEmail()) || realm.isDuplicateEmailsAllowed()) {
            return false;
        }
        UserModel owner = session.users().getUserByEmail(realm, email);
        return owner != null && !owner.getId().equals(user.getId());
    }

    /**
     * Returns the link by which the user was found.
     *
     * @throws ModelException when the link was removed meanwhile
     */
    FederatedIdentityModel link(UserModel user) {
        return new LinkedUsers(session)
                .link(user, model.getAlias())
                .orElseThrow(() -> new ModelException("identity was unlinked meanwhile"));
    }

    private FederatedIdentityModel takeOverNames(
            UserModel user, BrokeredIdentityContext context, FederatedIdentityModel link) {
        setWhereOther(user.getFirstName(), context.getFirstName(), user::setFirstName);
        setWhereOther(user.getLastName(), context.getLastName(), user::setLastName);
        if (Objects.equals(link.getUserName(), context.getUsername())) {
            return link;
        }
        FederatedIdentityModel renamed = new FederatedIdentityModel(
                link.getIdentityProvider(), link.getUserId(), context.getUsername(), link.getToken());
        session.users().updateFederatedIdentity(realm, user, renamed);
        return renamed;
    }

    private static void setWhereOther(@Nullable String present, @Nullable String other, Consumer<String> setter) {
        if (other != null && !other.equals(Objects.requireNonNullElse(present, ""))) {
            setter.accept(other);
        }
    }

    /** Stores the token if the identity provider stores tokens and there is one. An ID token alone cannot be stored. */
    private void updateToken(UserModel user, BrokeredIdentityContext context, FederatedIdentityModel link) {
        String token = context.getToken();
        if (!Booleans.isTrue(model.isStoreToken()) || token == null || token.equals(link.getToken())) {
            return;
        }
        link.setToken(withFormerRefreshToken(context, token, link.getToken()));
        session.users().updateFederatedIdentity(realm, user, link);
        session.getKeycloakSessionFactory().publish(new TokenReceived(session, realm, model, link));
    }

    /** Keeps the refresh token of an earlier browser login, because it would otherwise be lost for ever. */
    private static String withFormerRefreshToken(
            BrokeredIdentityContext context, String token, @Nullable String former) {
        if (former == null || !(context.getIdp() instanceof ExchangeTokenToIdentityProviderToken)) {
            return token;
        }
        try {
            AccessTokenResponse previous = JsonSerialization.readValue(former, AccessTokenResponse.class);
            AccessTokenResponse next = JsonSerialization.readValue(token, AccessTokenResponse.class);
            if (next.getRefreshToken() == null && previous.getRefreshToken() != null) {
                next.setRefreshToken(previous.getRefreshToken());
                next.setRefreshExpiresIn(previous.getRefreshExpiresIn());
            }
            return JsonSerialization.writeValueAsString(next);
        } catch (IOException e) {
            LOGGER.debug("The token that was stored before is not JSON");
            return token;
        }
    }

    private void forEachMapper(BiConsumer<IdentityProviderMapper, IdentityProviderMapperModel> action) {
        backend.mappers().forEach(config -> {
            IdentityProviderMapper mapper = (IdentityProviderMapper) session.getKeycloakSessionFactory()
                    .getProviderFactory(IdentityProviderMapper.class, config.getIdentityProviderMapper());
            action.accept(mapper, config);
        });
    }
}
