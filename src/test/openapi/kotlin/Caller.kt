import org.openapitools.client.apis.SessionsApi
import org.openapitools.client.apis.TokensApi
import org.openapitools.client.infrastructure.ApiClient
import org.openapitools.client.infrastructure.ClientError
import org.openapitools.client.infrastructure.ClientException
import org.openapitools.client.infrastructure.Serializer
import org.openapitools.client.models.Backend
import org.openapitools.client.models.Conversion
import org.openapitools.client.models.Grant
import org.openapitools.client.models.Invalidation
import org.openapitools.client.models.OAuthError

/** What an app does with the generated client. The argument is a token of the provider. */
fun main(arguments: Array<String>) {
    ApiClient.username = "demo-app"
    ApiClient.password = "demo-app-secret"
    val tokens = TokensApi()
    val converted = tokens.convertToken(Conversion(backend = Backend.social, token = arguments[0]))
    println("converted: ${converted.user.email}")

    ApiClient.username = null
    ApiClient.accessToken = converted.accessToken
    SessionsApi().invalidateSessions(Invalidation(clientId = "demo-app", exceptCurrent = true))
    println("ended: all sessions but this one")

    ApiClient.accessToken = null
    ApiClient.username = "demo-app"
    val refreshed = tokens.token(Grant(grantType = "refresh_token", refreshToken = converted.refreshToken))
    println("refreshed: ${refreshed.tokenType}")

    try {
        tokens.convertToken(Conversion(backend = Backend.social, token = "not a token"))
    } catch (e: ClientException) {
        val body = (e.response as ClientError<*>).body as String
        val error = Serializer.moshi.adapter(OAuthError::class.java).fromJson(body)
        println("refused: ${e.statusCode} ${error?.error}")
    }
}
