// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.internals.Database;
import io.converttoken.keycloak.internals.ModelCache;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keycloak.authentication.authenticators.broker.AbstractIdpAuthenticator;
import org.keycloak.authentication.authenticators.broker.util.PostBrokerLoginConstants;
import org.keycloak.authentication.authenticators.broker.util.SerializedBrokeredIdentityContext;
import org.keycloak.authentication.authenticators.browser.AbstractUsernameFormAuthenticator;
import org.keycloak.authentication.authenticators.util.AuthenticatorUtils;
import org.keycloak.broker.provider.AbstractIdentityProvider;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.events.Errors;
import org.keycloak.models.AuthenticationFlowModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.Constants;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.organization.OrganizationProvider;
import org.keycloak.organization.utils.Organizations;
import org.keycloak.services.managers.AuthenticationSessionManager;
import org.keycloak.services.managers.BruteForceProtector;
import org.keycloak.services.resources.LoginActionsService;
import org.keycloak.services.validation.Validation;
import org.keycloak.sessions.AuthenticationSessionModel;
import org.keycloak.util.Booleans;

/**
 * Does with an identity what a browser login through the identity provider would do, but without a page. It takes the
 * steps of {@code IdentityBrokerService} (Keycloak 26.7.3) in the same order. A login that is refused may already have
 * changed something, so the caller must roll back the transaction.
 */
final class BrokerLogin {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final VerifiedIdentity identity;
    private final BrokeredIdentityContext context;
    private final IdentityProviderModel model;
    private final SignIn signIn;
    private final ProfileSynchronisation synchronisation;
    private final HeadlessFlow flow;
    private boolean hasLinked;

    BrokerLogin(KeycloakSession session, VerifiedIdentity identity, SignIn signIn) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.identity = identity;
        this.context = identity.context();
        this.model = identity.backend().identityProvider();
        this.signIn = signIn;
        this.synchronisation = new ProfileSynchronisation(session, identity.backend());
        this.flow = new HeadlessFlow(session, identity.backend());
    }

    /**
     * The user who signs in.
     *
     * @param isNew whether the account was created just now
     * @param isLinked whether the identity was linked just now to an existing account
     * @param sessionNotes the notes that flows leave for the user session
     */
    record Outcome(UserModel user, boolean isNew, boolean isLinked, Map<String, String> sessionNotes) {

        Outcome {
            sessionNotes = Map.copyOf(sessionNotes);
        }
    }

    /** Checks the identity provider and preprocesses the profile. Call it once, before a user is looked up. */
    void begin() {
        requireProviderForLogin();
        synchronisation.preprocess(context);
    }

    /** Signs in the user to whom the identity is linked, if there is one. */
    Optional<Outcome> signInKnown() {
        return known().map(this::signIn);
    }

    /** Runs the first-login flow for an identity that {@link #signInKnown()} did not know. */
    Outcome firstLogin() {
        if (model.isTransientUsers()) {
            throw new InteractionRequiredException(identity.backend(), Reason.of(ReasonCode.NO_ACCOUNTS_KEPT));
        }
        return withAuthenticationSession(this::firstLogin);
    }

    /**
     * Returns whether this transaction has linked the identity to a user. Another transaction that reads the links may
     * then have to wait for this one.
     */
    boolean hasLinked() {
        return hasLinked;
    }

    /** An identity provider that is for linking only signs nobody in, even if the identity is linked. */
    private void requireProviderForLogin() {
        if (Booleans.isTrue(model.isLinkOnly())) {
            throw UserRefusedException.ofLinkingOnly();
        }
    }

    private record KnownUser(UserModel user, boolean isByLegacyId) {}

    private Optional<KnownUser> known() {
        FederatedIdentityModel link = identity.federatedIdentity();
        LinkedUsers users = new LinkedUsers(session);
        Optional<KnownUser> user = users.find(link).map(found -> new KnownUser(found, false));
        String legacyId = identity.context().getLegacyId();
        return user.isPresent() || legacyId == null
                ? user
                : users.find(new FederatedIdentityModel(link, legacyId)).map(found -> new KnownUser(found, true));
    }

    private Outcome signIn(KnownUser known) {
        UserModel user = known.user();
        requireMaySignIn(user);
        ModelCache.learnName(session, user);
        return withAuthenticationSession(authSession -> {
            authSession.setAuthNote(AbstractUsernameFormAuthenticator.ATTEMPTED_USERNAME, user.getUsername());
            synchronisation.update(user, context);
            if (known.isByLegacyId()) {
                migrateId(user);
            }
            authSession.setAuthenticatedUser(user);
            return finish(authSession, context, false, false);
        });
    }

    private void migrateId(UserModel user) {
        FederatedIdentityModel link = synchronisation.link(user);
        session.users().removeFederatedIdentity(realm, user, link.getIdentityProvider());
        session.users().addFederatedIdentity(realm, user, new FederatedIdentityModel(link, context.getId()));
    }

    private Outcome firstLogin(AuthenticationSessionModel authSession) {
        authSession.setAuthNote(AbstractUsernameFormAuthenticator.ATTEMPTED_USERNAME, context.getUsername());
        context.setModelUsername(modelUsername());
        save(context, authSession, AbstractIdpAuthenticator.BROKERED_CONTEXT_NOTE);
        flow.run(authSession, firstLoginFlow(), LoginActionsService.FIRST_BROKER_LOGIN_PATH);

        BrokeredIdentityContext reviewed = SerializedBrokeredIdentityContext.readFromAuthenticationSession(
                        authSession, AbstractIdpAuthenticator.BROKERED_CONTEXT_NOTE)
                .deserialize(session, authSession);
        authSession.removeAuthNote(AbstractIdpAuthenticator.BROKERED_CONTEXT_NOTE);
        UserModel user = authSession.getAuthenticatedUser();
        requireMaySignIn(user);
        grantReadTokenRole(user);
        hasLinked = true;
        session.users()
                .addFederatedIdentity(
                        realm,
                        user,
                        new FederatedIdentityModel(
                                model.getAlias(), reviewed.getId(), reviewed.getUsername(), reviewed.getToken()));
        boolean isNew =
                Boolean.parseBoolean(authSession.getAuthNote(AbstractIdentityProvider.BROKER_REGISTERED_NEW_USER));
        if (isNew) {
            synchronisation.importNew(user, reviewed);
        } else {
            synchronisation.update(user, reviewed);
        }
        return finish(authSession, reviewed, isNew, !isNew);
    }

    private @Nullable String firstLoginFlow() {
        return Optional.ofNullable(model.getFirstBrokerLoginFlowId())
                .or(() -> Optional.ofNullable(realm.getFirstBrokerLoginFlow()).map(AuthenticationFlowModel::getId))
                .orElse(null);
    }

    private void grantReadTokenRole(UserModel user) {
        if (!Booleans.isTrue(model.isAddReadTokenRoleOnCreate())) {
            return;
        }
        Optional.ofNullable(realm.getClientByClientId(Constants.BROKER_SERVICE_CLIENT_ID))
                .map((ClientModel broker) -> broker.getRole(Constants.READ_TOKEN_ROLE))
                .ifPresent(user::grantRole);
    }

    private Outcome finish(
            AuthenticationSessionModel authSession, BrokeredIdentityContext signedIn, boolean isNew, boolean isLinked) {
        if (model.getPostBrokerLoginFlowId() != null) {
            save(signedIn, authSession, PostBrokerLoginConstants.PBL_BROKERED_IDENTITY_CONTEXT);
            authSession.setAuthNote(
                    PostBrokerLoginConstants.PBL_AFTER_FIRST_BROKER_LOGIN, Boolean.toString(isNew || isLinked));
            flow.run(authSession, model.getPostBrokerLoginFlowId(), LoginActionsService.POST_BROKER_LOGIN_PATH);
        }
        new PageCheck(session, identity.backend()).requireNoPage(authSession);
        // flush now, while a profile that the database cannot store can still be answered with a refusal
        Database.flush(session);
        return new Outcome(authSession.getAuthenticatedUser(), isNew, isLinked, authSession.getUserSessionNotes());
    }

    private void requireMaySignIn(UserModel user) {
        if (!user.isEnabled()) {
            throw new UserRefusedException(user, Errors.USER_DISABLED, Reason.of(ReasonCode.USER_DISABLED));
        }
        String locked = AuthenticatorUtils.getDisabledByBruteForceEventError(
                session.getProvider(BruteForceProtector.class), session, realm, user);
        if (locked != null) {
            throw new UserRefusedException(user, locked, Reason.of(ReasonCode.USER_LOCKED, locked));
        }
    }

    private <T> T withAuthenticationSession(Function<AuthenticationSessionModel, T> action) {
        AuthenticationSessionModel authSession = signIn.open(session);
        session.getContext().setAuthenticationSession(authSession);
        context.setAuthenticationSession(authSession);
        enterOrganization();
        try {
            return action.apply(authSession);
        } finally {
            leaveOrganization();
            context.setAuthenticationSession(null);
            session.getContext().setAuthenticationSession(null);
            new AuthenticationSessionManager(session).removeAuthenticationSession(realm, authSession, false);
        }
    }

    /** Does the same as {@code LoginActionsService.configureOrganization} (Keycloak 26.7.3). */
    private void enterOrganization() {
        String organizationId = model.getOrganizationId();
        if (organizationId != null && Organizations.isEnabled(session)) {
            OrganizationProvider organizations = session.getProvider(OrganizationProvider.class);
            session.getContext().setOrganization(organizations.getById(organizationId));
            session.setAttribute(BrokeredIdentityContext.class.getName(), context);
        }
    }

    /** In a browser login another request asks for the tokens, and that request has no organization. */
    private void leaveOrganization() {
        if (session.removeAttribute(BrokeredIdentityContext.class.getName()) != null) {
            session.getContext().setOrganization(null);
        }
    }

    private static void save(BrokeredIdentityContext context, AuthenticationSessionModel authSession, String note) {
        context.getContextData().values().removeIf(Objects::isNull);
        SerializedBrokeredIdentityContext.serialize(context).saveToAuthenticationSession(authSession, note);
    }

    /** The name that {@code IdentityBrokerService.authenticated} gives a new user (Keycloak 26.7.3). */
    private String modelUsername() {
        String name = context.getModelUsername();
        if (name == null && realm.isRegistrationEmailAsUsername() && !Validation.isBlank(context.getEmail())) {
            name = context.getEmail();
        }
        if (name == null) {
            name = context.getUsername();
        }
        return (name == null ? model.getAlias() + "." + context.getId() : name).trim();
    }
}
