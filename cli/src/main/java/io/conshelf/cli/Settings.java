package io.conshelf.cli;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.conshelf.cli.account.AccountConnection;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.processor.definition.Authentication;
import io.conshelf.processor.run.DeadLetterPlace;
import io.conshelf.processor.secret.SecretFolder;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.server.KeptApart;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.identity.SignInOptions;
import io.conshelf.server.identity.TrustedTenant;
import io.conshelf.server.page.WebOrigin;
import io.conshelf.server.storage.AccountHosts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The file given with `--config`.
///
/// ```yaml
/// live: [https://help.kusto.windows.net]   # real endpoints that may be reached; everything else stays on this machine
/// allowedFolders: [/data/incoming]         # folders that commands may read
/// auth: none
/// hostNames: [lab.example]                 # names of this machine beside localhost that clients use
/// origins: [https://lab.example]           # whose pages are the server's own, where a proxy in front makes them other than what it is asked at
/// storageHosts: [lab]                      # accounts of the storage that clients also reach as https://lab.blob.core.windows.net, beside the cluster's own
/// explorer: read                           # what the pages of dataexplorer.azure.com may do from a browser: none, read or write
/// signIn:                                  # with auth: entra, beside the cluster's own applications and users
///   tenant: {id: 72f988bf-…}               # of Microsoft Entra; issuers, keys and login where it is another service; audiences that its tokens are to be for
///   metadataService: false                 # the machine's identities without a secret, as on virtual machines of Azure
/// secrets:                                 # of vaults, by name or vault/name, for `pipeline` and for runs of `up`
///   sql-password: …
/// secretsFolder: /mnt/secrets              # those of Data Processor, a file each, as Kubernetes mounts them
/// deadLetters: mqtt://broker/plant/dead    # the topic where messages go that pipelines of Data Processor can't process, in place of files
/// storage: UseDevelopmentStorage=true       # an account by its connection string, or the name of the secret that it is, in place of the cluster's own
/// limits:
///   concurrentQueries: 8
///   memoryMegabytes: 4096
/// ```
///
/// @param withSecrets the file, where secrets themselves stand in it
record Settings(List<String> live, List<Path> allowedFolders, Optional<ServerConfig.Auth> auth, Map<LimitSetting, Long> limits,
        GivenSecrets secrets, Optional<Path> secretsFolder, Set<String> hostNames,
        Optional<DeadLetterPlace> deadLetters, SignInOptions signIn, Optional<AccountConnection> storage, Optional<ServerConfig.Explorer> explorer,
        AccountHosts storageHosts, Set<WebOrigin> origins, Optional<Path> withSecrets) {
    /// Of two settings of one name, nobody could tell which holds.
    private static final YAMLMapper YAML = YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    private static final Set<String> KNOWN =
            Set.of("live", "allowedFolders", "auth", "limits", "secrets", "secretsFolder", "hostNames", "deadLetters", "signIn", "storage", "explorer",
                    "storageHosts", "origins");
    private static final Set<String> KNOWN_LIMITS =
            Arrays.stream(LimitSetting.values()).map(LimitSetting::text).collect(Collectors.toSet());

    static Settings read(Optional<Path> file) {
        if (file.isEmpty()) {
            return new Settings(List.of(), List.of(), Optional.empty(), Map.of(), new GivenSecrets(Map.of(), System.getenv()), Optional.empty(), Set.of(),
                    Optional.empty(), SignInOptions.OWN, Optional.empty(), Optional.empty(), AccountHosts.NONE, Set.of(), Optional.empty());
        }
        try (var content = Files.newInputStream(file.get())) {
            return of(file.get(), YAML.readTree(content));
        } catch (IOException e) {
            throw new CommandFailure("cannot read the settings in " + file.get() + ": "
                    + (e instanceof NoSuchFileException ? "there is no such file" : e.getMessage()), e);
        }
    }

    private static Settings of(Path file, JsonNode root) {
        if (!root.isObject() && !root.isMissingNode() && !root.isNull()) {
            throw new CommandFailure(file + ": settings are names with a value each, such as 'auth: none', found " + (root.isArray() ? "a list" : "'" + root.asText() + "'"));
        }
        refuseUnknown(file, "", root, KNOWN);
        var limits = root.path("limits");
        if (!limits.isMissingNode() && !limits.isObject()) {
            throw new CommandFailure(file + ": 'limits' is a list of names with a number each, found '" + limits.asText() + "'");
        }
        refuseUnknown(file, "limits.", limits, KNOWN_LIMITS);
        var auth = text(file, root, "auth").map(name -> switch (name.toLowerCase(Locale.ROOT)) {
            case "none" -> ServerConfig.Auth.NONE;
            case "entra" -> ServerConfig.Auth.ENTRA;
            default -> throw new CommandFailure(file + ": 'auth' is none or entra, found '" + name + "'");
        });
        var given = new GivenSecrets(secrets(file, root.path("secrets")), System.getenv());
        return new Settings(
                texts(file, "live", root.path("live")),
                texts(file, "allowedFolders", root.path("allowedFolders")).stream().map(Path::of).toList(),
                auth,
                numbers(file, limits),
                given,
                text(file, root, "secretsFolder").map(Path::of),
                Set.copyOf(texts(file, "hostNames", root.path("hostNames"))),
                deadLetters(file, root.path("deadLetters")),
                signIn(file, root.path("signIn")),
                text(file, root, "storage").map(stated -> storage(file, stated, given, hosts(texts(file, "live", root.path("live"))))),
                text(file, root, "explorer").map(name -> switch (name.toLowerCase(Locale.ROOT)) {
                    case "none" -> ServerConfig.Explorer.NONE;
                    case "read" -> ServerConfig.Explorer.READ;
                    case "write" -> ServerConfig.Explorer.WRITE;
                    default -> throw new CommandFailure(file + ": 'explorer' is none, read or write, found '" + name + "'");
                }),
                storageHosts(file, root.path("storageHosts")),
                origins(file, texts(file, "origins", root.path("origins"))),
                hasSecrets(root) ? Optional.of(file) : Optional.empty());
    }

    // The key of Azurite's account is known to all.
    private static boolean hasSecrets(JsonNode root) {
        return !root.path("secrets").isEmpty() || root.path("storage").asText().toLowerCase(Locale.ROOT).contains("accountkey=");
    }

    private static Set<WebOrigin> origins(Path file, List<String> stated) {
        return stated.stream().map(text -> WebOrigin.read(text.strip()).orElseThrow(() -> new CommandFailure(file + ": 'origins' has '" + text
                + "', which is no origin: that is a scheme, a host and, where it is not the scheme's own, a port, such as https://lab.example:8443")))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static AccountHosts storageHosts(Path file, JsonNode stated) {
        if (stated.isMissingNode()) {
            return AccountHosts.NONE;
        }
        if (!stated.isArray()) {
            throw new CommandFailure(file + ": 'storageHosts' is a list of names of accounts, which may be empty ([]), found '" + stated.asText() + "'");
        }
        try {
            return AccountHosts.with(texts(file, "storageHosts", stated));
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(file + ": 'storageHosts': " + wrong.getMessage(), wrong);
        }
    }

    private static AccountConnection storage(Path file, String stated, GivenSecrets given, Set<String> live) {
        String connection = AccountConnection.isConnectionString(stated) ? stated
                : given.find("", stated).orElseThrow(() -> new CommandFailure(file + ": 'storage' is neither a connection string with 'AccountName' and"
                        + " 'AccountKey', or 'UseDevelopmentStorage=true', nor the name of a secret that is given"));
        try {
            return AccountConnection.parse(connection).reachedBy(live);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(file + ": 'storage': " + wrong.getMessage(), wrong);
        }
    }

    /// A text is the address; an object has it as `address`, with `user` and the names of secrets as `password` and `trustedCaCertificate`.
    private static Optional<DeadLetterPlace> deadLetters(Path file, JsonNode stated) {
        if (stated.isMissingNode() || stated.isNull()) {
            return Optional.empty();
        }
        if (!stated.isObject()) {
            return Optional.of(deadLetters(file + ": 'deadLetters'", stated.asText()));
        }
        refuseUnknown(file, "deadLetters.", stated, Set.of("address", "user", "password", "trustedCaCertificate"));
        DeadLetterPlace place = deadLetters(file + ": 'deadLetters.address'", stated.path("address").asText());
        if (stated.hasNonNull("user") != stated.hasNonNull("password")) {
            throw new CommandFailure(file + ": 'deadLetters." + (stated.hasNonNull("user") ? "user' is stated without 'deadLetters.password', the name of a secret"
                    : "password' is stated without 'deadLetters.user'"));
        }
        Authentication who = text(file, stated, "user").<Authentication>map(user -> new Authentication.UsernamePassword(user, stated.path("password").asText()))
                .orElseGet(Authentication.None::new);
        return Optional.of(new DeadLetterPlace(place.broker(), place.topic(), who, stated.path("trustedCaCertificate").asText()));
    }

    /// @param where it is stated
    static DeadLetterPlace deadLetters(String where, String address) {
        try {
            return DeadLetterPlace.of(address);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(where + ": " + wrong.getMessage(), wrong);
        }
    }

    private static SignInOptions signIn(Path file, JsonNode stated) {
        if (!stated.isMissingNode() && !stated.isObject()) {
            throw new CommandFailure(file + ": 'signIn' has 'tenant', 'metadataService' or both, found '" + stated.asText() + "'");
        }
        refuseUnknown(file, "signIn.", stated, Set.of("tenant", "metadataService"));
        JsonNode tenant = stated.path("tenant");
        refuseUnknown(file, "signIn.tenant.", tenant, Set.of("id", "issuers", "keys", "login", "audiences"));
        if (stated.has("metadataService") && !stated.get("metadataService").isBoolean()) {
            throw new CommandFailure(file + ": 'signIn.metadataService' is true or false, found '" + stated.get("metadataService").asText() + "'");
        }
        var options = stated.path("metadataService").asBoolean(false) ? SignInOptions.OWN.withMetadataService() : SignInOptions.OWN;
        if (tenant.isMissingNode()) {
            return options;
        }
        String id = text(file, tenant, "id").orElseThrow(() -> new CommandFailure(file + ": 'signIn.tenant.id' is missing: the tenant's GUID, as its tokens have it (tid)"));
        var entra = TrustedTenant.ofEntra(id);
        var issuers = Set.copyOf(texts(file, "signIn.tenant.issuers", tenant.path("issuers")));
        return options.withTenant(new TrustedTenant(id, issuers.isEmpty() ? entra.issuers() : issuers,
                text(file, tenant, "keys").map(keys -> url(file, "signIn.tenant.keys", keys)).orElse(entra.keys()), text(file, tenant, "login").orElse(entra.login()),
                audiences(file, tenant)));
    }

    /// They stand in what clients are told, and in errors.
    private static List<String> audiences(Path file, JsonNode tenant) {
        List<String> audiences = texts(file, "signIn.tenant.audiences", tenant.path("audiences"));
        for (String audience : audiences) {
            if (!audience.matches("[A-Za-z0-9:/._~-]+")) {
                throw new CommandFailure(file + ": 'signIn.tenant.audiences' are what tokens are for (aud), such as https://lab.westeurope.kusto.windows.net,"
                        + " found '" + audience + "'");
            }
        }
        return audiences;
    }

    private static URI url(Path file, String name, String text) {
        try {
            URI uri = URI.create(text.strip());
            if (uri.getHost() != null && Set.of("http", "https").contains(String.valueOf(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException _) {
            // told below
        }
        throw new CommandFailure(file + ": '" + name + "' is the URL of a key set (jwks_uri), found '" + text + "'");
    }

    private static Map<String, String> secrets(Path file, JsonNode secrets) {
        if (!secrets.isMissingNode() && !secrets.isObject()) {
            throw new CommandFailure(file + ": 'secrets' is a list of names with a text each");
        }
        var named = new LinkedHashMap<String, String>();
        secrets.forEachEntry((name, value) -> {
            if (!value.isValueNode() || value.isNull()) {
                throw new CommandFailure(file + ": 'secrets." + name + "' is a text");
            }
            named.put(name, value.asText());
        });
        return named;
    }

    private static void refuseUnknown(Path file, String prefix, JsonNode node, Set<String> known) {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new CommandFailure(
                        file + ": unknown setting '" + prefix + name + "'; known are " + String.join(", ", new TreeSet<>(known)));
            }
        });
    }

    private static Optional<String> text(Path file, JsonNode node, String name) {
        if (!node.has(name)) {
            return Optional.empty();
        }
        if (!node.get(name).isValueNode() || node.get(name).isNull()) {
            throw new CommandFailure(file + ": '" + name + "' is one value, found " + (node.get(name).isNull() ? "none" : node.get(name)));
        }
        return Optional.of(node.get(name).asText());
    }

    /// A list of texts; one text stands for a list of it, and nothing for an empty one, as when all entries are comments.
    private static List<String> texts(Path file, String name, JsonNode stated) {
        if (stated.isMissingNode() || stated.isNull()) {
            return List.of();
        }
        var texts = new ArrayList<String>();
        for (JsonNode element : stated.isTextual() ? List.of(stated) : (Iterable<JsonNode>) stated) {
            if (!stated.isArray() && !stated.isTextual() || !element.isTextual() || element.asText().isBlank()) {
                throw new CommandFailure(file + ": '" + name + "' is a list of texts, such as [a, b], found " + stated);
            }
            texts.add(element.asText());
        }
        return texts;
    }

    private static Map<LimitSetting, Long> numbers(Path file, JsonNode limits) {
        var numbers = new EnumMap<LimitSetting, Long>(LimitSetting.class);
        limits.forEachEntry((name, value) -> {
            var setting = LimitSetting.named(name).orElseThrow();
            if (!value.isIntegralNumber() || !value.canConvertToLong() || !setting.allows(value.asLong())) {
                throw new CommandFailure(file + ": 'limits." + name + "' is " + setting.range() + ", found '" + value.asText() + "'");
            }
            numbers.put(setting, value.asLong());
        });
        return numbers;
    }

    /// What stands behind the names of secrets in pipelines of Data Processor: those that were given, then those of the folder.
    Secrets namedSecrets() {
        return name -> secrets.find("", name).or(() -> secretsFolder.flatMap(folder -> new SecretFolder(folder).find(name)));
    }

    /// The server's settings with what the file says laid over them.
    ServerConfig apply(ServerConfig config) {
        var folders = new ArrayList<>(config.allowedFolders());
        folders.addAll(allowedFolders);
        var names = new HashSet<>(config.hostNames());
        names.addAll(hostNames);
        return LimitSetting.apply(config, limits).withAllowedFolders(folders).withAuth(auth.orElse(config.auth())).withHostNames(names).withSignIn(signIn)
                .withLive(hosts(live)).withExplorer(explorer.orElse(config.explorer())).withAccountHosts(storageHosts).withOrigins(origins);
    }

    /// What a server that reads these secrets keeps from those who run commands.
    List<KeptApart> keptApart() {
        var kept = new ArrayList<KeptApart>();
        secretsFolder.ifPresent(folder -> kept.add(new KeptApart("the folder of secrets ('secretsFolder')", folder)));
        withSecrets.ifPresent(file -> kept.add(new KeptApart("the settings that have secrets in them (--config)", file)));
        return kept;
    }

    private static Set<String> hosts(List<String> endpoints) {
        return endpoints.stream().map(Settings::host).collect(Collectors.toSet());
    }

    /// The host that an endpoint or a bare name means.
    private static String host(String endpoint) {
        try {
            String host = endpoint.contains("://") ? URI.create(endpoint.strip()).getHost() : endpoint.strip();
            return String.valueOf(host).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'live' has '" + endpoint + "', which is neither a URL nor the name of a host", e);
        }
    }
}
