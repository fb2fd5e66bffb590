package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.broker.provider.IdentityBrokerException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.util.JsonSerialization;

/**
 * Providers that offer no way to tell for which application a token was issued: Bitbucket, PayPal, OpenShift, Stack
 * Overflow, Instagram. Only where the admin accepts the risk; the profile is fetched by Keycloak's own class.
 */
final class UnboundVerifier implements ExternalTokenVerifier {

    private final KeycloakSession session;

    UnboundVerifier(KeycloakSession session) {
        this.session = session;
    }

    @Override
    public VerifiedIdentity verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(session, backend);
        return VerifiedIdentity.of(
                backend, session, identity(token, backend), TokenUse.ofIntrospected(token, OptionalLong.empty()));
    }

    private BrokeredIdentityContext identity(ExternalToken token, Backend backend) {
        AbstractOAuth2IdentityProvider<?> identityProvider = (AbstractOAuth2IdentityProvider<?>) backend.open(session);
        BrokeredIdentityContext context;
        try {
            context = identityProvider.getFederatedIdentity(
                    JsonSerialization.writeValueAsString(Map.of("access_token", token.value())));
        } catch (IdentityBrokerException e) {
            throw isUnreachable(e)
                    ? new ProviderUnavailableException("identity provider does not answer")
                    : new ExternalTokenRefusedException(Refusal.PROFILE_REFUSED);
        } catch (IOException e) {
            throw new IllegalStateException("a map of one string can be written", e);
        }
        if (context.getId() == null || context.getId().isBlank()) {
            throw new ExternalTokenRefusedException(Refusal.NO_SUBJECT);
        }
        return context;
    }

    /** Keycloak's classes wrap all that goes wrong; of a connection that fails the cause remains. */
    private static boolean isUnreachable(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(10)
                .anyMatch(cause -> cause instanceof java.net.SocketException
                        || cause instanceof java.net.SocketTimeoutException
                        || cause instanceof java.net.UnknownHostException);
    }
}
