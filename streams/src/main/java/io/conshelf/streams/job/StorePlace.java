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
            type.settings().stream().filter(Setting::isPlace).forEach(setting -> add(setting, settings.path(setting.name()), parts));
            return String.join(" ", parts);
        }).orElse(name);
    }

    private static void add(Setting setting, JsonNode stated, List<String> parts) {
        if (stated.isArray()) {
            // of accounts, each with its key
            stated.forEach(account -> add(setting, account.path("accountName"), parts));
            return;
        }
        String text = stated.asText("").strip();
        if (setting.use() == Setting.Use.NEEDED) {
            parts.add('\'' + plain(text) + '\'');
        } else if (!text.isEmpty()) {
            // any of these may be missing
            parts.add(setting.name() + " '" + (setting.kind() == Setting.Kind.SECRET ? digest(text) : plain(text)) + '\'');
        }
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
