// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.keycloak.models.ClientModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;

/**
 * The typed configuration of one {@code convert-token} mapper. Keys with several values hold one value a line, because
 * the control types for lists cannot be saved on an identity provider mapper (Keycloak 26.7.3).
 *
 * @param allowedClients client ids that may convert; {@code *} stands for all
 * @param backendNames names under which the backend is known, besides the alias
 * @param acceptedAudiences our client ids at the provider, besides the identity provider's own
 * @param acceptedTokens which kinds of token are accepted, and whether codes are
 * @param requireNonce whether an ID token must carry the nonce sent with it
 * @param singleUse whether an external token converts only once
 * @param maxTokenAge how many seconds ago, by {@code iat}, an ID token may have been issued; 0 for no limit but its
 *     expiry
 * @param acceptUnboundTokens whether tokens are accepted although nobody can tell for which application they were
 *     issued
 * @param appleKey what client secrets for Apple are made of, if the mapper has all of it
 * @param signals what happens when the provider tells that something happened to a person
 * @param revokeTokens whether what the provider gave for a person is revoked when the identity is removed here
 */
public record BackendConfig(
        Set<String> allowedClients,
        Set<String> backendNames,
        Set<String> acceptedAudiences,
        AcceptedTokens acceptedTokens,
        boolean requireNonce,
        boolean singleUse,
        long maxTokenAge,
        boolean acceptUnboundTokens,
        Optional<AppleKey> appleKey,
        SignalConfig signals,
        boolean revokeTokens) {

    static final String EVERY_CLIENT = "*";

    private static final Set<String> BOOLEANS = Set.of("true", "false");

    /** This is at most about thirty years, so that no addition overflows. */
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private static final Pattern ONE_VALUE = Pattern.compile("[^,\\s]+");
    private static final Pattern ADDRESS = Pattern.compile("https?://[^/\\s?#][^\\s#]*");

    /** A secret itself could be read by everybody who may see the mapper. */
    private static final Pattern VAULT_REFERENCE = Pattern.compile("\\$\\{vault\\.[^{}\\s]+}");

    public BackendConfig {
        allowedClients = Set.copyOf(allowedClients);
        backendNames = Set.copyOf(backendNames);
        acceptedAudiences = Set.copyOf(acceptedAudiences);
    }

    /** What a backend takes. */
    public enum AcceptedTokens {
        ANY,
        ID_TOKEN,
        ACCESS_TOKEN,
        CODE;

        /** Returns the value that the mapper stores. */
        public String value() {
            return stored(this);
        }
    }

    private static String stored(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /** The mapper's keys, each with its default and the message keys of its label and its help text. */
    enum Key {
        ALLOWED_CLIENTS("allowedClients", ProviderConfigProperty.TEXT_TYPE, ""),
        BACKEND_NAMES("backendNames", ProviderConfigProperty.TEXT_TYPE, ""),
        ACCEPTED_AUDIENCES("acceptedAudiences", ProviderConfigProperty.TEXT_TYPE, ""),
        ACCEPTED_TOKENS("acceptedTokens", AcceptedTokens.class),
        REQUIRE_NONCE("requireNonce", ProviderConfigProperty.BOOLEAN_TYPE, "false"),
        SINGLE_USE("singleUse", ProviderConfigProperty.BOOLEAN_TYPE, "false"),
        MAX_TOKEN_AGE("maxTokenAge", ProviderConfigProperty.INTEGER_TYPE, "0"),
        ACCEPT_UNBOUND_TOKENS("acceptUnboundTokens", ProviderConfigProperty.BOOLEAN_TYPE, "false"),
        APPLE_TEAM_ID("appleTeamId", ProviderConfigProperty.STRING_TYPE, ""),
        APPLE_KEY_ID("appleKeyId", ProviderConfigProperty.STRING_TYPE, ""),
        APPLE_PRIVATE_KEY("applePrivateKey", ProviderConfigProperty.TEXT_TYPE, ""),
        SIGNALS("signals", ProviderConfigProperty.BOOLEAN_TYPE, "false"),
        SIGNAL_ISSUER("signalIssuer", ProviderConfigProperty.STRING_TYPE, ""),
        SIGNAL_KEYS_URL("signalKeysUrl", ProviderConfigProperty.STRING_TYPE, ""),
        SIGNAL_SECRET("signalSecret", ProviderConfigProperty.STRING_TYPE, ""),
        SIGNAL_SCOPE("signalScope", SignalConfig.Scope.class),
        ON_ACCOUNT_DISABLED("onAccountDisabled", SignalConfig.OnAccountDisabled.class),
        ON_ACCOUNT_DELETED("onAccountDeleted", SignalConfig.OnAccountDeleted.class),
        REVOKE_TOKENS("revokeTokens", ProviderConfigProperty.BOOLEAN_TYPE, "false");

        /** The keys of which a mapper has all or none. */
        private static final List<Key> OF_APPLE = List.of(APPLE_TEAM_ID, APPLE_KEY_ID, APPLE_PRIVATE_KEY);

        private final String id;
        private final String type;
        private final String defaultValue;
        private final List<String> choices;

        Key(String id, String type, String defaultValue) {
            this.id = id;
            this.type = type;
            this.defaultValue = defaultValue;
            this.choices = List.of();
        }

        /** A choice, of which the first is the default. */
        Key(String id, Class<? extends Enum<?>> choices) {
            this.id = id;
            this.type = ProviderConfigProperty.LIST_TYPE;
            this.choices = Arrays.stream(choices.getEnumConstants())
                    .map(BackendConfig::stored)
                    .toList();
            this.defaultValue = this.choices.get(0);
        }

        /** Returns the values that the key can have, if they can be listed. */
        List<String> choices() {
            return choices;
        }

        /** Returns the name under which a mapper stores the value. */
        String id() {
            return id;
        }

        String label() {
            return "convertToken." + id + ".label";
        }

        private String help() {
            return "convertToken." + id + ".help";
        }

        String in(Map<String, String> config) {
            String value = config.get(id);
            return value == null || value.isBlank() ? defaultValue : value.trim();
        }

        Set<String> linesIn(Map<String, String> config) {
            return in(config)
                    .lines()
                    .map(String::trim)
                    .filter(line -> !line.isEmpty())
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }

        private Optional<String> textIn(Map<String, String> config) {
            return Optional.of(in(config)).filter(value -> !value.isEmpty());
        }

        private <E extends Enum<E>> E choiceIn(Map<String, String> config, Class<E> type) {
            return Enum.valueOf(type, in(config).toUpperCase(Locale.ROOT));
        }

        private boolean isTrueIn(Map<String, String> config) {
            return Boolean.parseBoolean(in(config));
        }

        /** Returns whether the key can have this value. What exists in the realm is not looked up. */
        private boolean isSoundIn(Map<String, String> config) {
            String value = in(config);
            return switch (type) {
                case ProviderConfigProperty.BOOLEAN_TYPE -> BOOLEANS.contains(value.toLowerCase(Locale.ROOT));
                case ProviderConfigProperty.INTEGER_TYPE ->
                    SECONDS.matcher(value).matches();
                case ProviderConfigProperty.LIST_TYPE -> choices.contains(value);
                default -> isSound(value);
            };
        }

        private boolean isSound(String value) {
            return switch (this) {
                case APPLE_TEAM_ID, APPLE_KEY_ID, SIGNAL_ISSUER ->
                    value.isEmpty() || ONE_VALUE.matcher(value).matches();
                case APPLE_PRIVATE_KEY -> ApplePrivateKey.isSound(value);
                case SIGNAL_KEYS_URL ->
                    value.isEmpty() || ADDRESS.matcher(value).matches();
                case SIGNAL_SECRET -> value.isEmpty() || isVaultReference(value);
                default -> true;
            };
        }
    }

    static boolean isVaultReference(String value) {
        return VAULT_REFERENCE.matcher(value).matches();
    }

    /** Returns the keys that no mapper of this type has. Keycloak itself stores the sync mode there. */
    static Set<String> unknownKeys(Map<String, String> config) {
        Set<String> unknown = new TreeSet<>(config.keySet());
        unknown.remove(IdentityProviderMapperModel.SYNC_MODE);
        Arrays.stream(Key.values()).map(key -> key.id).forEach(unknown::remove);
        return unknown;
    }

    /** Returns whether a line holds a single name or client id. Neither has a comma or a blank in it. */
    static boolean isOneValue(String line) {
        return ONE_VALUE.matcher(line).matches() && !line.equals(EVERY_CLIENT);
    }

    /** Returns the keys that have an invalid value. */
    static List<Key> unsoundKeys(Map<String, String> config) {
        return Arrays.stream(Key.values()).filter(key -> !key.isSoundIn(config)).toList();
    }

    /**
     * Reads a mapper.
     *
     * @throws IllegalArgumentException when a key has an invalid value; such a backend does not convert
     */
    static BackendConfig from(IdentityProviderMapperModel mapper) {
        Map<String, String> config = configOf(mapper);
        List<Key> unsound = unsoundKeys(config);
        if (!unsound.isEmpty()) {
            throw new IllegalArgumentException(fault(mapper));
        }
        return new BackendConfig(
                Key.ALLOWED_CLIENTS.linesIn(config),
                Key.BACKEND_NAMES.linesIn(config),
                Key.ACCEPTED_AUDIENCES.linesIn(config),
                Key.ACCEPTED_TOKENS.choiceIn(config, AcceptedTokens.class),
                Key.REQUIRE_NONCE.isTrueIn(config),
                Key.SINGLE_USE.isTrueIn(config),
                Long.parseLong(Key.MAX_TOKEN_AGE.in(config)),
                Key.ACCEPT_UNBOUND_TOKENS.isTrueIn(config),
                appleKey(config),
                new SignalConfig(
                        Key.SIGNALS.isTrueIn(config),
                        Key.SIGNAL_ISSUER.textIn(config),
                        Key.SIGNAL_KEYS_URL.textIn(config),
                        Key.SIGNAL_SECRET.textIn(config),
                        Key.SIGNAL_SCOPE.choiceIn(config, SignalConfig.Scope.class),
                        Key.ON_ACCOUNT_DISABLED.choiceIn(config, SignalConfig.OnAccountDisabled.class),
                        Key.ON_ACCOUNT_DELETED.choiceIn(config, SignalConfig.OnAccountDeleted.class)),
                Key.REVOKE_TOKENS.isTrueIn(config));
    }

    private static Optional<AppleKey> appleKey(Map<String, String> config) {
        return Key.OF_APPLE.stream().allMatch(key -> key.textIn(config).isPresent())
                ? Optional.of(new AppleKey(
                        Key.APPLE_TEAM_ID.in(config), Key.APPLE_KEY_ID.in(config), Key.APPLE_PRIVATE_KEY.in(config)))
                : Optional.empty();
    }

    /** Returns which of the keys that belong together are missing, if others of them are there. */
    static List<Key> missingOfApple(Map<String, String> config) {
        List<Key> missing = Key.OF_APPLE.stream()
                .filter(key -> key.textIn(config).isEmpty())
                .toList();
        return missing.size() == Key.OF_APPLE.size() ? List.of() : missing;
    }

    /** Names the keys of a mapper that have an invalid value. */
    static String fault(IdentityProviderMapperModel mapper) {
        return unsoundKeys(configOf(mapper)).stream()
                .map(key -> key.id)
                .collect(Collectors.joining(", ", "no value for ", ""));
    }

    /**
     * Returns the names that a mapper claims besides its identity provider's alias. They can be read even if other
     * values are invalid.
     */
    static Set<String> backendNamesOf(IdentityProviderMapperModel mapper) {
        return Key.BACKEND_NAMES.linesIn(configOf(mapper));
    }

    /** Returns the mapper's stored values by key. Keycloak has null if there are none. */
    static Map<String, String> configOf(IdentityProviderMapperModel mapper) {
        return Optional.ofNullable(mapper.getConfig()).orElseGet(Map::of);
    }

    /** Returns the form that the admin console shows. Labels and help texts come from the message bundles. */
    static List<ProviderConfigProperty> properties() {
        ProviderConfigurationBuilder form = ProviderConfigurationBuilder.create();
        for (Key key : Key.values()) {
            form.property()
                    .name(key.id)
                    .label(key.label())
                    .helpText(key.help())
                    .type(key.type)
                    .defaultValue(
                            key.type.equals(ProviderConfigProperty.BOOLEAN_TYPE)
                                    ? (Object) Boolean.valueOf(key.defaultValue)
                                    : key.defaultValue)
                    .options(key.choices)
                    .add();
        }
        return form.build();
    }

    boolean allows(ClientModel client) {
        return allowedClients.contains(EVERY_CLIENT) || allowedClients.contains(client.getClientId());
    }
}
