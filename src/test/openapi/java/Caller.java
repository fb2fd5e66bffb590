import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.SessionsApi;
import org.openapitools.client.api.TokensApi;
import org.openapitools.client.model.Backend;
import org.openapitools.client.model.Conversion;
import org.openapitools.client.model.ConvertedTokens;
import org.openapitools.client.model.Grant;
import org.openapitools.client.model.Invalidation;
import org.openapitools.client.model.OAuthError;
import org.openapitools.client.model.Tokens;

/** What an app does with the generated client. The argument is a token of the provider. */
public final class Caller {

    private static final String ID = "demo-app";
    private static final String SECRET = "demo-app-secret";

    public static void main(String[] args) throws Exception {
        TokensApi tokens = new TokensApi();
        ConvertedTokens converted = tokens.convertToken(conversion(args[0]));
        System.out.println("converted: " + converted.getUser().getEmail());

        ApiClient signedIn = new ApiClient();
        signedIn.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + converted.getAccessToken()));
        new SessionsApi(signedIn).invalidateSessions(new Invalidation().clientId(ID).exceptCurrent(true));
        System.out.println("ended: all sessions but this one");

        Tokens refreshed = tokens.token(new Grant()
                .clientId(ID)
                .clientSecret(SECRET)
                .grantType("refresh_token")
                .refreshToken(converted.getRefreshToken()));
        System.out.println("refreshed: " + refreshed.getTokenType());

        try {
            tokens.convertToken(conversion("not a token"));
        } catch (ApiException e) {
            OAuthError error = signedIn.getObjectMapper().readValue(e.getResponseBody(), OAuthError.class);
            System.out.println("refused: " + e.getCode() + " " + error.getError());
        }
    }

    private static Conversion conversion(String token) {
        return new Conversion()
                .clientId(ID)
                .clientSecret(SECRET)
                .backend(Backend.SOCIAL)
                .token(token);
    }
}
