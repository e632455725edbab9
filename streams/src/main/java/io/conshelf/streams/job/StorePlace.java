package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.streams.job.DatasourceType.Role;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.Output;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where an input or output leads: the kind of its store, and the settings that [Setting#isPlace] marks. It is kept beside what a job remembers,
/// so that another place is not taken for this one; secrets are no part of it.
public final class StorePlace {
    private StorePlace() {}

    public static String of(Input input) {
        return of(Role.STREAM, input.datasource(), input.settings());
    }

    public static String of(Output output) {
        return of(Role.OUTPUT, output.datasource(), output.settings());
    }

    private static String of(Role role, String name, JsonNode settings) {
        return Datasources.find(role, name).map(type -> {
            List<String> parts = new ArrayList<>(List.of(type.title()));
            type.settings().stream().filter(Setting::isPlace).forEach(setting -> add(setting, settings, otherwise(setting, type, settings), settings.path(setting.name()), parts));
            return String.join(" ", parts);
        }).orElse(name);
    }

    private static String otherwise(Setting setting, DatasourceType type, JsonNode settings) {
        return type.type().equals(Datasources.IOT_HUB) && setting.name().equals("eventHubName") ? hubName(settings.path("iotHubNamespace").asText("")) : setting.otherwise();
    }

    /// The name of an IoT hub where its definition gives none for its events.
    public static String hubName(String namespace) {
        return namespace.strip().replaceFirst("[.:].*", "");
    }

    private static void add(Setting setting, JsonNode settings, String otherwise, JsonNode stated, List<String> parts) {
        if (stated.isArray()) {
            // of accounts, each with its key
            stated.forEach(account -> add(setting, settings, otherwise, account.path("accountName"), parts));
            return;
        }
        String text = stated.asText("").strip();
        if (setting.use() == Setting.Use.NEEDED || setting.use() == Setting.Use.MAY_BE_EMPTY) {
            parts.add('\'' + oneSpelling(setting, text, settings) + '\'');
        } else if (!text.isEmpty() && !text.equals(otherwise)) {
            // any of these may be missing
            parts.add(setting.name() + " '" + (setting.kind() == Setting.Kind.SECRET ? digest(text) : plain(text)) + '\'');
        }
    }

    /// What is read and written by several spellings of one address.
    private static String oneSpelling(Setting setting, String text, JsonNode settings) {
        return switch (setting.name()) {
            case "serviceBusNamespace", "iotHubNamespace" -> nameOf(text, ".servicebus.windows.net");
            case "storageAccounts" -> nameOf(plain(text).replaceFirst("^https://([^/:]+)(?::443)?$", "$1"), ".blob.core.windows.net");
            case "server" -> nameOf(nameOf(text, ".postgres.database.azure.com"), ".database.windows.net");
            case "bootstrapServers" -> Stream.of(text.split(",")).map(one -> one.strip().toLowerCase(Locale.ROOT)).sorted().collect(Collectors.joining(","));
            case "broker" -> BrokerAddress.of(text, settings.path("tls").asBoolean()).map(broker -> broker.host() + ':' + broker.port()).orElse(text).toLowerCase(Locale.ROOT);
            case "cluster" -> plain(ClusterAddress.of(text).map(address -> address.uri().toString()).orElse(text)).toLowerCase(Locale.ROOT);
            default -> plain(text);
        };
    }

    /// Hosts have no case.
    private static String nameOf(String host, String domain) {
        String small = host.toLowerCase(Locale.ROOT);
        return small.endsWith(domain) ? small.substring(0, small.length() - domain.length()) : small;
    }

    private static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /// An address may hold what signs in, and may end in a slash or not.
    private static String plain(String address) {
        return address.contains("://") ? address.replaceFirst("[?#].*$", "").replaceFirst("://[^/@]*@", "://").replaceFirst("/+$", "") : address;
    }
}
