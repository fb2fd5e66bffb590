package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.brokering.BrokeredUsers.Resolved;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.authentication.authenticators.util.AuthenticatorUtils;
import org.keycloak.broker.provider.AbstractIdentityProvider;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.broker.provider.IdentityProviderMapperSyncModeDelegate;
import org.keycloak.broker.provider.UserAuthenticationIdentityProvider;
import org.keycloak.events.Errors;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.IdentityProviderSyncMode;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.managers.AuthenticationSessionManager;
import org.keycloak.services.managers.BruteForceProtector;
import org.keycloak.services.validation.Validation;
import org.keycloak.sessions.AuthenticationSessionModel;
import org.keycloak.userprofile.UserProfileContext;
import org.keycloak.userprofile.UserProfileProvider;
import org.keycloak.userprofile.ValidationException;
import org.keycloak.util.Booleans;

/**
 * One try at finding or creating the user of an identity, within one transaction. A known identity signs in, after its
 * profile and mappers are synchronised; an unknown one gets an account where user name and e-mail address are free.
 */
final class UserResolution {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final VerifiedIdentity identity;
    private final BrokeredIdentityContext context;
    private final UserAuthenticationIdentityProvider<?> identityProvider;
    private final IdentityProviderModel model;
    private final SignIn signIn;

    UserResolution(KeycloakSession session, VerifiedIdentity identity, SignIn signIn) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.identity = identity;
        this.context = identity.context();
        this.identityProvider = identity.backend().open(session);
        this.model = identity.backend().identityProvider();
        this.signIn = signIn;
    }

    /** Signs the identity's user in, where it has one. */
    Optional<Resolved> signInKnown() {
        requireProviderForLogin();
        preprocess();
        return Optional.ofNullable(session.users().getUserByFederatedIdentity(realm, identity.federatedIdentity()))
                .map(this::signIn);
    }

    /** Creates the user of an identity that {@link #signInKnown()} did not know. */
    Resolved create() {
        if (model.isTransientUsers()) {
            throw new InteractionRequiredException(identity.backend(), "identity provider keeps no accounts");
        }
        return withAuthenticationSession(authSession -> finish(authSession, create(authSession), true));
    }

    /** The person must see a page to say that both accounts are theirs. */
    static InteractionRequiredException taken(VerifiedIdentity identity) {
        return new InteractionRequiredException(
                identity.backend(), "user name or e-mail address is taken: linking has to be confirmed");
    }

    /** As {@code IdentityBrokerService.authenticated}: such a provider signs nobody in, linked or not. */
    private void requireProviderForLogin() {
        if (Booleans.isTrue(model.isLinkOnly())) {
            throw new UserRefusedException(Errors.IDENTITY_PROVIDER_LOGIN_FAILURE);
        }
    }

    /** Before there is an authentication session, by which providers would look for a browser's nonce. */
    private void preprocess() {
        identityProvider.preprocessFederatedIdentity(session, realm, context);
        forEachMapper(
                (mapper, mapperModel) -> mapper.preprocessFederatedIdentity(session, realm, mapperModel, context));
    }

    private Resolved signIn(UserModel user) {
        requireMaySignIn(user);
        return withAuthenticationSession(authSession -> {
            synchronise(user);
            return finish(authSession, user, false);
        });
    }

    private Resolved withAuthenticationSession(Function<AuthenticationSessionModel, Resolved> action) {
        AuthenticationSessionModel authSession = signIn.open(session);
        context.setAuthenticationSession(authSession);
        try {
            return action.apply(authSession);
        } finally {
            // of no use to the next try, which has a session of its own
            context.setAuthenticationSession(null);
            new AuthenticationSessionManager(session).removeAuthenticationSession(realm, authSession, false);
        }
    }

    private Resolved finish(AuthenticationSessionModel authSession, UserModel user, boolean isNew) {
        authSession.setAuthenticatedUser(user);
        new PageCheck(session, identity.backend()).requireNoPage(authSession);
        return new Resolved(user.getId(), isNew);
    }

    private void requireMaySignIn(UserModel user) {
        if (!user.isEnabled()) {
            throw new UserRefusedException(user, Errors.USER_DISABLED);
        }
        String locked = AuthenticatorUtils.getDisabledByBruteForceEventError(
                session.getProvider(BruteForceProtector.class), session, realm, user);
        if (locked != null) {
            throw new UserRefusedException(user, locked);
        }
    }

    /** As {@code IdentityBrokerService.updateFederatedIdentity} does it, but for stored tokens. */
    private void synchronise(UserModel user) {
        if (model.getSyncMode() == IdentityProviderSyncMode.FORCE) {
            takeOverNames(user);
        }
        identityProvider.updateBrokeredUser(session, realm, user, context);
        forEachMapper((mapper, mapperModel) -> IdentityProviderMapperSyncModeDelegate.delegateUpdateBrokeredUser(
                session, realm, user, mapperModel, context, mapper));
    }

    private void takeOverNames(UserModel user) {
        setWhereOther(user.getFirstName(), context.getFirstName(), user::setFirstName);
        setWhereOther(user.getLastName(), context.getLastName(), user::setLastName);
        FederatedIdentityModel link = session.users().getFederatedIdentity(realm, user, model.getAlias());
        setWhereOther(
                link.getUserName(),
                identity.username(),
                name -> session.users()
                        .updateFederatedIdentity(
                                realm,
                                user,
                                new FederatedIdentityModel(
                                        link.getIdentityProvider(), link.getUserId(), name, link.getToken())));
    }

    private static void setWhereOther(@Nullable String present, @Nullable String other, Consumer<String> setter) {
        if (other != null && !other.equals(present)) {
            setter.accept(other);
        }
    }

    private UserModel create(AuthenticationSessionModel authSession) {
        String username = username();
        requireFree(username, context.getEmail());
        context.setModelUsername(username);
        UserModel user = createFromProfile(username);
        user.setEnabled(true);
        session.users().addFederatedIdentity(realm, user, identity.federatedIdentity());
        identityProvider.importNewUser(session, realm, user, context);
        forEachMapper((mapper, mapperModel) -> mapper.importNewUser(session, realm, user, mapperModel, context));
        // by this note updateBrokeredUser knows that the e-mail address, verified or not, is to be taken over
        authSession.setAuthNote(AbstractIdentityProvider.BROKER_REGISTERED_NEW_USER, Boolean.TRUE.toString());
        identityProvider.updateBrokeredUser(session, realm, user, context);
        return user;
    }

    private UserModel createFromProfile(String username) {
        Map<String, List<String>> attributes = new HashMap<>(context.getAttributes());
        put(attributes, UserModel.EMAIL, context.getEmail());
        put(attributes, UserModel.FIRST_NAME, context.getFirstName());
        put(attributes, UserModel.LAST_NAME, context.getLastName());
        attributes.remove(UserModel.USERNAME);
        requireComplete(username, attributes);
        UserModel user = session.users().addUser(realm, AccountId.of(identity), username, true, true);
        attributes.forEach(user::setAttribute);
        return user;
    }

    private void requireComplete(String username, Map<String, List<String>> attributes) {
        Map<String, List<String>> profile = new HashMap<>(attributes);
        put(profile, UserModel.USERNAME, username);
        try {
            session.getProvider(UserProfileProvider.class)
                    .create(UserProfileContext.REGISTRATION, profile)
                    .validate();
        } catch (ValidationException e) {
            throw new InteractionRequiredException(identity.backend(), "profile has to be completed");
        }
    }

    private static void put(Map<String, List<String>> attributes, String name, @Nullable String value) {
        if (value != null) {
            attributes.put(name, List.of(value));
        }
    }

    /** The name that {@code IdentityBrokerService.authenticated} gives a new user (Keycloak 26.7.3). */
    private String username() {
        String name = context.getModelUsername();
        if (name == null && realm.isRegistrationEmailAsUsername() && !Validation.isBlank(context.getEmail())) {
            name = context.getEmail();
        }
        if (name == null) {
            name = context.getUsername();
        }
        return (name == null ? identity.backend().alias() + "." + identity.subject() : name).trim();
    }

    private void requireFree(String username, @Nullable String email) {
        boolean emailTaken = email != null
                && !realm.isDuplicateEmailsAllowed()
                && session.users().getUserByEmail(realm, email) != null;
        if (emailTaken
                || session.users().getUserByUsername(realm, username) != null
                || session.users().getUserById(realm, AccountId.of(identity)) != null) {
            throw taken(identity);
        }
    }

    private void forEachMapper(BiConsumer<IdentityProviderMapper, IdentityProviderMapperModel> action) {
        mappers().forEach(model -> action.accept(mapper(model), model));
    }

    private Stream<IdentityProviderMapperModel> mappers() {
        return session
                .identityProviders()
                .getMappersByAliasStream(identity.backend().alias())
                .toList()
                .stream();
    }

    private IdentityProviderMapper mapper(IdentityProviderMapperModel model) {
        return (IdentityProviderMapper) session.getKeycloakSessionFactory()
                .getProviderFactory(IdentityProviderMapper.class, model.getIdentityProviderMapper());
    }
}
