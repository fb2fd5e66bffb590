// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.keycloak.authentication.authenticators.broker.IdpReviewProfileAuthenticatorFactory;
import org.keycloak.models.AuthenticationExecutionModel;
import org.keycloak.models.AuthenticationExecutionModel.Requirement;
import org.keycloak.models.AuthenticationFlowModel;
import org.keycloak.models.AuthenticatorConfigModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.representations.idm.IdentityProviderRepresentation;

/** What of the configuration keeps every newcomer of a backend from signing in without a page. */
public final class FirstLogin {

    /** The steps of core that always show a page. */
    private static final Set<String> PAGES = Set.of(
            "idp-confirm-link",
            "idp-email-verification",
            "idp-username-password-form",
            "auth-otp-form",
            "auth-username-password-form");

    private final RealmModel realm;
    private final Backend backend;

    public FirstLogin(KeycloakSession session, Backend backend) {
        this.realm = session.getContext().getRealm();
        this.backend = backend;
    }

    /** Returns the obstacles that can be seen without a person. */
    public Stream<Reason> obstacles() {
        IdentityProviderModel model = backend.identityProvider();
        if (Boolean.TRUE.equals(model.isLinkOnly())) {
            return Stream.of(Reason.of(ReasonCode.LINK_ONLY));
        }
        if (model.isTransientUsers()) {
            return Stream.of(Reason.of(ReasonCode.NO_ACCOUNTS_KEPT));
        }
        Optional<AuthenticationFlowModel> flow = flow(model);
        return flow.isEmpty() ? Stream.of(Reason.of(ReasonCode.FLOW_MISSING)) : page(flow.get());
    }

    private Optional<AuthenticationFlowModel> flow(IdentityProviderModel model) {
        return model.getFirstBrokerLoginFlowId() == null
                ? Optional.ofNullable(realm.getFirstBrokerLoginFlow())
                : Optional.ofNullable(realm.getAuthenticationFlowById(model.getFirstBrokerLoginFlowId()));
    }

    /** A required step that always shows a page is on every path of the flow. */
    private Stream<Reason> page(AuthenticationFlowModel flow) {
        return requiredSteps(flow)
                .filter(this::alwaysShowsPage)
                .limit(1)
                .map(step -> Reason.of(
                        ReasonCode.FLOW_SHOWS_PAGE, "flow '" + flow.getAlias() + "', step " + step.getAuthenticator()));
    }

    private Stream<AuthenticationExecutionModel> requiredSteps(AuthenticationFlowModel flow) {
        return realm.getAuthenticationExecutionsStream(flow.getId())
                .filter(step -> step.getRequirement() == Requirement.REQUIRED)
                .flatMap(step -> step.isAuthenticatorFlow()
                        ? requiredSteps(realm.getAuthenticationFlowById(step.getFlowId()))
                        : Stream.of(step));
    }

    private boolean alwaysShowsPage(AuthenticationExecutionModel step) {
        return PAGES.contains(step.getAuthenticator())
                || step.getAuthenticator().equals(IdpReviewProfileAuthenticatorFactory.PROVIDER_ID)
                        && asksEverybody(step);
    }

    private boolean asksEverybody(AuthenticationExecutionModel review) {
        AuthenticatorConfigModel config = review.getAuthenticatorConfig() == null
                ? null
                : realm.getAuthenticatorConfigById(review.getAuthenticatorConfig());
        return config != null
                && IdentityProviderRepresentation.UPFLM_ON.equals(
                        config.getConfig().get(IdpReviewProfileAuthenticatorFactory.UPDATE_PROFILE_ON_FIRST_LOGIN));
    }
}
