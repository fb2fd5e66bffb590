package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.ConvertTokenMapper;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.models.KeycloakSession;

/** Tokens of which nobody can tell for whom they were issued: taken only where the admin says so, and never silently. */
final class UnboundTokens {

    private UnboundTokens() {}

    static void requireAccepted(KeycloakSession session, Backend backend) {
        if (!backend.config().acceptUnboundTokens()) {
            throw new ExternalTokenRefusedException(Refusal.UNBOUND);
        }
        ConvertTokenMapper mapper = (ConvertTokenMapper) session.getKeycloakSessionFactory()
                .getProviderFactory(IdentityProviderMapper.class, ConvertTokenMapper.PROVIDER_ID);
        mapper.warnOfUnboundTokens(session.getContext().getRealm(), backend);
    }
}
