// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.brokering.BrokeredUser;
import io.converttoken.keycloak.brokering.BrokeredUsers;
import io.converttoken.keycloak.brokering.OvertakenException;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.grant.ConvertTokenRequest.Dialect;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.refusal.CallRefusedException;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.keycloak.OAuth2Constants;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientSessionContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.protocol.oidc.TokenExchangeContext;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.grants.OAuth2GrantTypeBase;
import org.keycloak.representations.AccessTokenResponse;
import org.keycloak.services.util.MtlsHoKTokenUtil;

/**
 * The grant that exchanges a provider's token for tokens of the realm (an extension grant, RFC 6749, section 4.5).
 *
 * <p>{@link #convert} parses the request, looks up the backend and checks that the client may use it. Then it proves
 * that the external token is genuine, valid and issued to us. Only then does it find or create the user and open a
 * session.
 */
final class ConvertTokenGrantType extends OAuth2GrantTypeBase {

    static final String GRANT_TYPE = "convert_token";

    private static final String AUTH_METHOD = "convert_token";
    private static final String ANSWER = "convert-token.answer";

    private final Dialect dialect;

    ConvertTokenGrantType(Dialect dialect) {
        this.dialect = dialect;
    }

    @Override
    public Response process(Context grantContext) {
        setContext(grantContext);
        return answer(Optional.empty());
    }

    /** Converts the token of a token exchange, which Keycloak has already shown to the client policies. */
    Response exchange(Context grantContext, TokenExchangeContext exchange) {
        setContext(grantContext);
        return answer(Optional.of(exchange));
    }

    private Response answer(Optional<TokenExchangeContext> exchange) {
        event.event(EventType.LOGIN).client(client).detail(Details.AUTH_METHOD, AUTH_METHOD);
        Refusals refusals = new Refusals(session, event, cors, response);
        return refusals.carryOut(() -> convert(exchange, refusals));
    }

    private Response convert(Optional<TokenExchangeContext> shownToPolicies, Refusals refusals) {
        ConvertTokenRequest conversion = ConvertTokenRequest.from(request.getDecodedFormParameters(), dialect);
        TokenExchangeContext exchange = shownToPolicies.isPresent() ? shownToPolicies.get() : showToPolicies();
        new ClientPolicies(exchange).askAboutClient();
        requireCertificateOfBoundTokens();
        Backend backend = new Backends(session).enabledFor(client, conversion.backend());
        refusals.concern(backend);
        // before the provider is asked, because a code is lost when it is redeemed
        Optional<String> scope = requestedScope();

        ExternalTokenVerifiers verifiers = new ExternalTokenVerifiers(session);
        VerifiedIdentity identity = verifiers.verify(conversion.credential(), backend);
        event.detail(Details.IDENTITY_PROVIDER_USERNAME, identity.username());

        verifiers.redeem(identity);
        return signIn(identity, scope, Optional.ofNullable(exchange.getRestrictedScopes()));
    }

    /** Does the same as {@code getRequestedScopes}, with a reason that is a code. */
    private Optional<String> requestedScope() {
        String scope = formParams.getFirst(OAuth2Constants.SCOPE);
        if (!TokenManager.isValidScope(session, scope, client)) {
            throw CallRefusedException.invalidScope(scope);
        }
        return Optional.ofNullable(scope);
    }

    private Response signIn(VerifiedIdentity identity, Optional<String> scope, Optional<Set<String>> restrictedScopes) {
        try {
            BrokeredUser user = new BrokeredUsers(session, event).resolve(identity, client, scope);
            return issueTokens(user, identity, scope, restrictedScopes);
        } catch (OvertakenException e) {
            return signInAgain(identity, scope, restrictedScopes);
        }
    }

    /** Rolls back this transaction first, because it may be too old to see the account and may hold locks. */
    private Response signInAgain(
            VerifiedIdentity identity, Optional<String> scope, Optional<Set<String>> restrictedScopes) {
        session.getTransactionManager().rollback();
        Resolution inTurn = BrokeredUsers::resolveInTurn;
        return Stream.<Resolution>of(BrokeredUsers::resolveAgain, inTurn, inTurn, inTurn)
                .flatMap(resolution ->
                        unlessOvertaken(own -> own.signIn(identity, scope, restrictedScopes, resolution)).stream())
                .findFirst()
                .orElseThrow(() -> new BusyException("identity"));
    }

    /** How a new transaction finds the user. */
    @FunctionalInterface
    private interface Resolution {
        BrokeredUser user(BrokeredUsers users, VerifiedIdentity identity, ClientModel client, Optional<String> scope);
    }

    private Response signIn(
            VerifiedIdentity identity,
            Optional<String> scope,
            Optional<Set<String>> restrictedScopes,
            Resolution resolution) {
        new ExternalTokenVerifiers(session).redeem(identity);
        identity.contextIn(session);
        BrokeredUser user = resolution.user(new BrokeredUsers(session, event), identity, client, scope);
        return issueTokens(user, identity, scope, restrictedScopes);
    }

    private Optional<Response> unlessOvertaken(Function<ConvertTokenGrantType, Response> signIn) {
        try {
            return Optional.of(inNewTransaction(signIn));
        } catch (OvertakenException e) {
            return Optional.empty();
        }
    }

    private Response inNewTransaction(Function<ConvertTokenGrantType, Response> signIn) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> signIn.apply(in(own)),
                "convert-token sign-in");
    }

    /** Returns this grant in another session, with all that is known of the request, such as its DPoP proof. */
    private ConvertTokenGrantType in(KeycloakSession own) {
        own.getContext().setHttpRequest(request);
        session.getAttributes().forEach(own::setAttribute);
        EventBuilder ownEvent = new EventBuilder(own.getContext().getRealm(), own, clientConnection)
                .event(EventType.LOGIN)
                .client(own.getContext().getClient());
        event.getEvent().getDetails().forEach(ownEvent::detail);
        ConvertTokenGrantType grant = new ConvertTokenGrantType(dialect);
        grant.setContext(new Context(
                own,
                OIDCAdvancedConfigWrapper.fromClientModel(own.getContext().getClient()),
                clientAuthAttributes,
                formParams,
                ownEvent,
                cors,
                tokenManager));
        return grant;
    }

    private TokenExchangeContext showToPolicies() {
        TokenExchangeContext exchange = asTokenExchange();
        new ClientPolicies(exchange).askAboutExchange();
        return exchange;
    }

    /** To client policies a conversion is a token exchange, whatever its parameters are called. */
    private TokenExchangeContext asTokenExchange() {
        return new TokenExchangeContext(
                session,
                dialect.asTokenExchange(formParams),
                cors,
                realm,
                event,
                client,
                clientConnection,
                headers,
                tokenManager,
                clientAuthAttributes);
    }

    /** RFC 8705, section 3. Keycloak itself checks this only later, when the account has been made. */
    private void requireCertificateOfBoundTokens() {
        if (clientConfig.isUseMtlsHokToken()
                && MtlsHoKTokenUtil.bindTokenWithClientCertificate(request, session) == null) {
            throw new InvalidParameterException("Client Certification missing for MTLS HoK Token Binding");
        }
    }

    private Response issueTokens(
            BrokeredUser user,
            VerifiedIdentity identity,
            Optional<String> scope,
            Optional<Set<String>> restrictedScopes) {
        ClientSessionContext clientSession =
                new SessionOpener(session, event, clientAuthAttributes).open(user, identity, scope, restrictedScopes);
        UserSessionModel userSession = clientSession.getClientSession().getUserSession();
        Map<String, Object> profile = GrantedProfile.of(session, tokenManager, userSession, clientSession);
        clientSession.setAttribute(ANSWER, new Answer(profile, user.isNew()));
        TokenManager.AccessTokenResponseBuilder answer =
                createTokenResponseBuilder(user.user(), userSession, clientSession, scope.orElse(null), null);
        new ClientPolicies(asTokenExchange()).askAboutAnswer(clientSession.getClientSession(), answer);
        return createTokenResponse(answer, clientSession, false);
    }

    @Override
    protected void addCustomTokenResponseClaims(AccessTokenResponse answer, ClientSessionContext clientSession) {
        Answer ours = clientSession.getAttribute(ANSWER, Answer.class);
        answer.setOtherClaims("user", ours.user());
        answer.setOtherClaims("is_new_user", ours.isNewUser());
        if (dialect == Dialect.TOKEN_EXCHANGE) {
            answer.setOtherClaims(OAuth2Constants.ISSUED_TOKEN_TYPE, issuedTokenType(answer));
        }
    }

    /**
     * Names a refresh token if the caller asked for one and the answer has one, as
     * {@code AbstractTokenExchangeProvider} does.
     */
    private String issuedTokenType(AccessTokenResponse answer) {
        boolean isAskedFor =
                OAuth2Constants.REFRESH_TOKEN_TYPE.equals(formParams.getFirst(OAuth2Constants.REQUESTED_TOKEN_TYPE));
        return isAskedFor && answer.getRefreshToken() != null
                ? OAuth2Constants.REFRESH_TOKEN_TYPE
                : OAuth2Constants.ACCESS_TOKEN_TYPE;
    }

    @Override
    public EventType getEventType() {
        return EventType.LOGIN;
    }

    /** Names the parameters that may be as long as a token. */
    @Override
    public Set<String> getTokenParameterNames() {
        return Set.of("token", "code");
    }

    /** The members that our answer adds to Keycloak's answer. */
    private record Answer(Map<String, Object> user, boolean isNewUser) {}
}
