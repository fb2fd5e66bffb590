package io.converttoken.keycloak.backend;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.keycloak.models.ClientModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;

/**
 * The typed configuration of one {@code convert-token} mapper. Multi-valued keys hold one value a line: the control
 * types for lists can not be saved on an identity provider mapper (Keycloak 26.7.3).
 *
 * @param allowedClients client ids that may convert; {@code *} stands for all
 * @param backendNames names beside the alias under which the backend is known
 * @param acceptedAudiences our client ids at the provider beside the identity provider's own
 * @param acceptedTokens which kinds of token are taken
 * @param requireNonce whether an ID token must carry the nonce sent with it
 * @param singleUse whether an external token converts only once
 * @param maxTokenAge seconds since {@code iat} that an ID token may be old; 0 for no limit but its expiry
 * @param acceptUnboundTokens whether tokens are taken of which nobody can tell for whom they were issued
 */
public record BackendConfig(
        Set<String> allowedClients,
        Set<String> backendNames,
        Set<String> acceptedAudiences,
        AcceptedTokens acceptedTokens,
        boolean requireNonce,
        boolean singleUse,
        long maxTokenAge,
        boolean acceptUnboundTokens) {

    private static final String EVERY_CLIENT = "*";

    public BackendConfig {
        allowedClients = Set.copyOf(allowedClients);
        backendNames = Set.copyOf(backendNames);
        acceptedAudiences = Set.copyOf(acceptedAudiences);
    }

    /** Which kinds of external token a backend takes. */
    public enum AcceptedTokens {
        ANY,
        ID_TOKEN,
        ACCESS_TOKEN;

        static Optional<AcceptedTokens> of(String value) {
            return Arrays.stream(values())
                    .filter(accepted -> accepted.value().equals(value))
                    .findFirst();
        }

        private String value() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The mapper's keys, with default and, by message key, label and help text. */
    enum Key {
        ALLOWED_CLIENTS("allowedClients", ProviderConfigProperty.TEXT_TYPE, ""),
        BACKEND_NAMES("backendNames", ProviderConfigProperty.TEXT_TYPE, ""),
        ACCEPTED_AUDIENCES("acceptedAudiences", ProviderConfigProperty.TEXT_TYPE, ""),
        ACCEPTED_TOKENS("acceptedTokens", ProviderConfigProperty.LIST_TYPE, AcceptedTokens.ANY.value()),
        REQUIRE_NONCE("requireNonce", ProviderConfigProperty.BOOLEAN_TYPE, "false"),
        SINGLE_USE("singleUse", ProviderConfigProperty.BOOLEAN_TYPE, "false"),
        MAX_TOKEN_AGE("maxTokenAge", ProviderConfigProperty.INTEGER_TYPE, "0"),
        ACCEPT_UNBOUND_TOKENS("acceptUnboundTokens", ProviderConfigProperty.BOOLEAN_TYPE, "false");

        private final String id;
        private final String type;
        private final String defaultValue;

        Key(String id, String type, String defaultValue) {
            this.id = id;
            this.type = type;
            this.defaultValue = defaultValue;
        }

        private String in(Map<String, String> config) {
            String value = config.get(id);
            return value == null || value.isBlank() ? defaultValue : value.trim();
        }

        private Set<String> linesIn(Map<String, String> config) {
            return in(config)
                    .lines()
                    .map(String::trim)
                    .filter(line -> !line.isEmpty())
                    .collect(Collectors.toUnmodifiableSet());
        }

        private boolean isTrueIn(Map<String, String> config) {
            return Boolean.parseBoolean(in(config));
        }
    }

    /**
     * Reads a mapper.
     *
     * @throws IllegalArgumentException when a value is not one of its key: such a backend does not convert
     */
    static BackendConfig from(IdentityProviderMapperModel mapper) {
        Map<String, String> config = mapper.getConfig() == null ? Map.of() : mapper.getConfig();
        return new BackendConfig(
                Key.ALLOWED_CLIENTS.linesIn(config),
                Key.BACKEND_NAMES.linesIn(config),
                Key.ACCEPTED_AUDIENCES.linesIn(config),
                acceptedTokens(Key.ACCEPTED_TOKENS.in(config)),
                Key.REQUIRE_NONCE.isTrueIn(config),
                Key.SINGLE_USE.isTrueIn(config),
                maxTokenAge(Key.MAX_TOKEN_AGE.in(config)),
                Key.ACCEPT_UNBOUND_TOKENS.isTrueIn(config));
    }

    /** The names that a mapper claims beside its identity provider's alias, readable even where the rest is not. */
    static Set<String> backendNamesOf(IdentityProviderMapperModel mapper) {
        return mapper.getConfig() == null ? Set.of() : Key.BACKEND_NAMES.linesIn(mapper.getConfig());
    }

    /** The form that the admin console shows; labels and help texts come from the message bundles. */
    static List<ProviderConfigProperty> properties() {
        ProviderConfigurationBuilder form = ProviderConfigurationBuilder.create();
        for (Key key : Key.values()) {
            form.property()
                    .name(key.id)
                    .label("convertToken." + key.id + ".label")
                    .helpText("convertToken." + key.id + ".help")
                    .type(key.type)
                    .defaultValue(
                            key.type.equals(ProviderConfigProperty.BOOLEAN_TYPE)
                                    ? (Object) Boolean.valueOf(key.defaultValue)
                                    : key.defaultValue)
                    .options(
                            key == Key.ACCEPTED_TOKENS
                                    ? Arrays.stream(AcceptedTokens.values())
                                            .map(AcceptedTokens::value)
                                            .toList()
                                    : List.of())
                    .add();
        }
        return form.build();
    }

    boolean allows(ClientModel client) {
        return allowedClients.contains(EVERY_CLIENT) || allowedClients.contains(client.getClientId());
    }

    private static AcceptedTokens acceptedTokens(String value) {
        return AcceptedTokens.of(value)
                .orElseThrow(() -> new IllegalArgumentException(Key.ACCEPTED_TOKENS.id + " is not one of its values"));
    }

    private static long maxTokenAge(String value) {
        long seconds;
        try {
            seconds = Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(Key.MAX_TOKEN_AGE.id + " is not a number", e);
        }
        if (seconds < 0) {
            throw new IllegalArgumentException(Key.MAX_TOKEN_AGE.id + " is negative");
        }
        return seconds;
    }
}
