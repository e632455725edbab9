package io.conshelf.connectors.vault;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Secrets that whoever starts a run gives it, in place of those of vaults: by `name`, or by `vault/name`. Does not show in text.
public final class GivenSecrets {
    private static final String VARIABLE = "CONSHELF_SECRET_";
    public static final GivenSecrets NONE = new GivenSecrets(Map.of(), Map.of());

    private final Map<String, String> named = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, String> environment;

    /// @param environment may have `CONSHELF_SECRET_` and a name in capitals, with `_` for all but letters and digits
    public GivenSecrets(Map<String, String> named, Map<String, String> environment) {
        this.named.putAll(named);
        this.environment = Map.copyOf(environment);
    }

    public Optional<String> find(String vault, String name) {
        return Optional.ofNullable(named.get(vault + "/" + name)).or(() -> Optional.ofNullable(named.get(name)))
                .or(() -> Optional.ofNullable(environment.get(variable(vault + "_" + name)))).or(() -> Optional.ofNullable(environment.get(variable(name))));
    }

    static String variable(String name) {
        return VARIABLE + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    @Override
    public String toString() {
        return "GivenSecrets[***]";
    }
}
