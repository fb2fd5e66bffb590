// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.keycloak.authentication.authenticators.broker.AbstractIdpAuthenticator;
import org.keycloak.authentication.authenticators.broker.IdpReviewProfileAuthenticatorFactory;
import org.keycloak.authentication.authenticators.broker.util.SerializedBrokeredIdentityContext;
import org.keycloak.models.AuthenticationExecutionModel;
import org.keycloak.models.AuthenticationFlowModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.sessions.AuthenticationSessionModel;
import org.keycloak.sessions.CommonClientSessionModel.ExecutionStatus;
import org.keycloak.userprofile.UserProfileContext;
import org.keycloak.userprofile.UserProfileProvider;
import org.keycloak.userprofile.ValidationException;

/**
 * The page that a flow would show: its step, and the attributes that are missing if the step asks for the profile. No
 * value of the profile is named.
 */
final class ShownPage {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final AuthenticationSessionModel authSession;

    ShownPage(KeycloakSession session, AuthenticationSessionModel authSession) {
        this.session = session;
        this.realm = authSession.getRealm();
        this.authSession = authSession;
    }

    String description(AuthenticationFlowModel flow) {
        String steps = steps().stream().map(this::described).collect(Collectors.joining(", "));
        return "flow '" + flow.getAlias() + "'" + (steps.isEmpty() ? "" : ", step " + steps);
    }

    private List<String> steps() {
        return authSession.getExecutionStatus().entrySet().stream()
                .filter(status -> status.getValue() == ExecutionStatus.CHALLENGED)
                .map(Map.Entry::getKey)
                .map(realm::getAuthenticationExecutionById)
                .filter(Objects::nonNull)
                .map(AuthenticationExecutionModel::getAuthenticator)
                .filter(Objects::nonNull)
                .toList();
    }

    private String described(String step) {
        if (!step.equals(IdpReviewProfileAuthenticatorFactory.PROVIDER_ID)) {
            return step;
        }
        String missing = String.join(", ", invalidAttributes());
        return missing.isEmpty() ? step : step + ", which asks for " + missing;
    }

    /** Validates the profile as {@code IdpReviewProfileAuthenticator.requiresUpdateProfilePage} does (26.7.3). */
    private List<String> invalidAttributes() {
        SerializedBrokeredIdentityContext profile = SerializedBrokeredIdentityContext.readFromAuthenticationSession(
                authSession, AbstractIdpAuthenticator.BROKERED_CONTEXT_NOTE);
        if (profile == null) {
            return List.of();
        }
        try {
            session.getProvider(UserProfileProvider.class)
                    .create(UserProfileContext.IDP_REVIEW, profile.getAttributes())
                    .validate();
            return List.of();
        } catch (ValidationException e) {
            return e.getErrors().stream()
                    .map(ValidationException.Error::getAttribute)
                    .filter(Objects::nonNull)
                    .distinct()
                    .sorted()
                    .toList();
        }
    }
}
