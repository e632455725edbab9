package io.conshelf.factory.copy;

import static io.conshelf.factory.activity.ActivityType.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileSelection.Where;
import io.conshelf.connectors.file.FileSelection.Window;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.file.StoredItem;
import io.conshelf.connectors.file.Wildcard;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/// The Delete activity: files and folders of a store, with a log of what is gone.
final class DeleteActivity {
    static final ActivityType TYPE = activity("Delete").needsLazily("dataset").takes("recursive", ValueKind.FLAG).takes("storeSettings")
            .takes("enableLogging", ValueKind.FLAG).takesLazily("logStorageSettings").takesLazily("logSettings").takes("maxConcurrentConnections", ValueKind.from(1))
            .checks(DeleteActivity::check).runs(DeleteActivity::run);

    private DeleteActivity() {}

    private static void check(Activity activity, Consumer<Problem> problems) {
        Located properties = activity.typeProperties();
        Parts.checkSettings(properties, problems);
        if (properties.at("enableLogging").flag().orElse(false) && !properties.at("logStorageSettings").at("linkedServiceName").isPresent()) {
            problems.accept(properties.at("logStorageSettings").problem("a Delete that logs needs 'logStorageSettings' with a linked service"));
        }
    }

    /// @param error empty where it is gone
    private record Line(String name, String category, Optional<String> error) {
        String csv() {
            return field(name) + "," + category + "," + (error.isEmpty() ? "Deleted" : "Failed") + "," + field(error.orElse("")) + "\r\n";
        }

        private static String field(String text) {
            return text.matches("[^,\"\\r\\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
        }
    }

    private static JsonNode run(ActivityContext context) throws ActivityFailure {
        Instant start = context.clock().instant();
        Located properties = context.properties();
        try {
            Dataset dataset = context.stores().dataset(context.activity().typeProperties().at("dataset"), context.scope());
            Located location = dataset.properties().at("location");
            Located settings = properties.at("storeSettings");
            boolean isDeep = settings.at("recursive").flag().or(() -> properties.at("recursive").flag()).orElse(false);
            FileSelection selection = FilesMeant.of(location, settings, isDeep ? Depth.WITH_SUBFOLDERS : Depth.FOLDER_ALONE).selection();
            FileStore store = context.stores().files(dataset, settings);
            List<Line> lines = delete(store, selection);
            ObjectNode output = JsonNodeFactory.instance.objectNode().put("datasetName", dataset.name()).put("type", location.at("type").text(""));
            switch (selection.where()) {
                case Where.Prefix(String prefix, var _) -> output.put("prefix", prefix);
                case Where.File(String path) -> output.put("path", path);
                case Where.Folder(String folder, var _) -> output.put("path", folder);
                case Where.Folders(String pattern, var _) -> output.put("path", pattern);
                case Where.Listed(String folder, var _, var _) -> output.put("path", folder);
            }
            output.put("recursive", isDeep).put("isWildcardUsed", settings.at("wildcardFileName").isPresent() || settings.at("wildcardFolderPath").isPresent());
            output.put("maxConcurrentConnections", properties.at("maxConcurrentConnections").integer().orElse(1L));
            output.put("filesDeleted", lines.stream().filter(line -> line.error().isEmpty() && line.category().equals("File")).count());
            Optional<String> log = log(context, lines);
            log.ifPresent(path -> output.put("logPath", path));
            output.put("effectiveIntegrationRuntime", ActivityContext.INTEGRATION_RUNTIME);
            output.put("executionDuration", Duration.between(start, context.clock().instant()).toSeconds());
            Optional<Line> failed = lines.stream().filter(line -> line.error().isPresent()).findFirst();
            if (failed.isPresent()) {
                throw StoreException.user("UserErrorFileDeleteFailure", "'" + failed.get().name() + "' cannot be deleted: " + failed.get().error().get()
                        + log.map(path -> "; the log is '" + path + "'").orElse(""));
            }
            return output;
        } catch (StoreException failure) {
            throw Failures.delete(failure);
        }
    }

    /// Deletes what is meant. What is gone already is no mistake, so that a repeated run succeeds.
    private static List<Line> delete(FileStore store, FileSelection selection) throws StoreException {
        List<Line> lines = new ArrayList<>();
        Optional<String> root = switch (selection.where()) {
            case Where.File(String path) -> Optional.of(path);
            case Where.Folder(String folder, var _) -> Optional.of(folder);
            case Where.Folders _, Where.Prefix _, Where.Listed _ -> Optional.empty();
        };
        if (root.isPresent() && store.look(root.get()).isEmpty()) {
            return lines;
        }
        boolean allWasDeleted = true;
        for (StoredFile file : store.find(selection)) {
            try {
                store.delete(file);
                lines.add(new Line(file.path(), "File", Optional.empty()));
            } catch (StoreException failure) {
                allWasDeleted = false;
                lines.add(new Line(file.path(), "File", Optional.of(failure.getMessage())));
            }
        }
        // A whole folder goes with its subfolders; parts of it leave the folder.
        boolean isWhole = selection.where() instanceof Where.Folder(String folder, var names) && names.equals(Wildcard.any())
                && selection.depth() == Depth.WITH_SUBFOLDERS && selection.modified().equals(Window.ALWAYS) && !folder.isEmpty();
        if (isWhole && allWasDeleted && store.look(root.orElseThrow()).orElse(null) instanceof StoredItem.Folder) {
            store.deleteFolder(root.get());
            lines.add(new Line(root.get(), "Folder", Optional.empty()));
        }
        return lines;
    }

    private static Optional<String> log(ActivityContext context, List<Line> lines) throws ActivityFailure, StoreException {
        if (!context.properties().at("enableLogging").flag().orElse(false)) {
            return Optional.empty();
        }
        Located stated = context.activity().typeProperties().at("logStorageSettings");
        Located path = new Located(stated.file(), stated.path() + ".path", context.resolve(stated.at("path")));
        Stores.FilePlace place = context.stores().place(stated.at("linkedServiceName"), path, context.scope());
        String file = StorePath.join(place.folder(), UUID.randomUUID() + ".csv");
        try (FileStore.PendingFile pending = place.store().create(file)) {
            Writer writer = new OutputStreamWriter(pending.stream(), StandardCharsets.UTF_8);
            writer.write("Name,Category,Status,Error\r\n");
            for (Line line : lines) {
                writer.write(line.csv());
            }
            writer.flush();
            pending.commit();
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "The log '" + file + "' cannot be written: " + failure.getMessage(), failure);
        }
        return Optional.of(file);
    }
}
