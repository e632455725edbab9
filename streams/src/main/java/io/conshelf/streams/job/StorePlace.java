package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.streams.job.DatasourceType.Role;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.Output;
import java.util.ArrayList;
import java.util.List;

/// Where an input or output leads: the kind of its store, and the settings without which nobody could find the place. It is kept beside what a job remembers,
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
            type.settings().stream().filter(setting -> setting.use() == Setting.Use.NEEDED).forEach(setting -> add(settings.path(setting.name()), parts));
            return String.join(" ", parts);
        }).orElse(name);
    }

    private static void add(JsonNode stated, List<String> parts) {
        if (stated.isArray()) {
            // of accounts, each with its key
            stated.forEach(account -> add(account.path("accountName"), parts));
        } else {
            parts.add('\'' + plain(stated.asText("").strip()) + '\'');
        }
    }

    /// An address may hold what signs in.
    private static String plain(String address) {
        return address.contains("://") ? address.replaceFirst("[?#].*$", "").replaceFirst("://[^/@]*@", "://") : address;
    }
}
