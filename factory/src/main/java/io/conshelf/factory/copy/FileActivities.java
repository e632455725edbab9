package io.conshelf.factory.copy;

import static io.conshelf.factory.activity.ActivityType.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileSelection.Window;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredItem;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Activities that look at what a dataset names: GetMetadata tells of it, Validation waits for it.
public final class FileActivities {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
    private static final Duration VALIDATION_TIMEOUT = Duration.ofHours(12);
    private static final long SLEEP_SECONDS = 10;
    private static final TreeSet<String> FIELDS = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    static {
        FIELDS.addAll(List.of("itemName", "itemType", "size", "created", "lastModified", "childItems", "contentMD5", "structure", "columnCount", "exists"));
    }

    public static final List<ActivityType> ALL = List.of(
            activity("GetMetadata").needsLazily("dataset").needs("fieldList").takes("storeSettings", "formatSettings")
                    .checks(FileActivities::checkFields).runs(FileActivities::metadata),
            activity("Validation").needsLazily("dataset").takes("timeout").takes("sleep", ValueKind.from(0)).takes("minimumSize", ValueKind.from(0))
                    .takes("childItems", ValueKind.FLAG)
                    .checks(FileActivities::checkValidation).runs(FileActivities::validate),
            DeleteActivity.TYPE);

    private FileActivities() {}

    private static void checkFields(Activity activity, Consumer<Problem> problems) {
        Located list = activity.typeProperties().at("fieldList");
        if (list.value().isArray() && list.value().isEmpty()) {
            problems.accept(list.problem("a GetMetadata asks for one field at least; there are " + String.join(", ", FIELDS)));
        }
        for (Located field : list.items()) {
            field.text().filter(text -> !text.contains("@") && !FIELDS.contains(text)).ifPresent(text ->
                    problems.accept(field.problem("there is no field '" + text + "'; there are " + String.join(", ", FIELDS))));
        }
        Parts.checkSettings(activity.typeProperties(), problems);
        for (String wildcard : List.of("wildcardFolderPath", "wildcardFileName")) {
            Located stated = activity.typeProperties().at("storeSettings").at(wildcard);
            if (Declaration.isMeant(stated)) {
                problems.accept(stated.problem("GetMetadata takes no wildcards; name a folder and ask for its childItems"));
            }
        }
    }

    private static void checkValidation(Activity activity, Consumer<Problem> problems) {
        Located timeout = activity.typeProperties().at("timeout");
        timeout.text().filter(text -> !text.contains("@") && Activity.duration(text).isEmpty()).ifPresent(text ->
                problems.accept(timeout.problem("'" + text + "' is not a duration; write d.hh:mm:ss")));
    }

    /// A dataset's place: a file or folder of a store, or a table.
    private record Place(Dataset dataset, Optional<FileStore> store, String path) {
        static Place of(ActivityContext context) throws ActivityFailure, StoreException {
            Dataset dataset = context.stores().dataset(context.activity().typeProperties().at("dataset"), context.scope());
            Located location = dataset.properties().at("location");
            if (!location.isPresent()) {
                return new Place(dataset, Optional.empty(), "");
            }
            String path = StorePath.join(StorePath.of(location.at("folderPath").text("")), location.at("fileName").text(""));
            return new Place(dataset, Optional.of(context.stores().files(dataset, context.properties().at("storeSettings"))), path);
        }

        Optional<StoredItem> look() throws StoreException {
            return store.isPresent() ? store.get().look(path) : Optional.empty();
        }
    }

    private static JsonNode metadata(ActivityContext context) throws ActivityFailure {
        Located fields = context.properties().at("fieldList");
        try {
            Place place = Place.of(context);
            ObjectNode output = JsonNodeFactory.instance.objectNode();
            boolean asksForExistence = fields.items().stream().anyMatch(field -> field.text("").equalsIgnoreCase("exists"));
            if (place.store().isEmpty()) {
                table(context, place.dataset(), fields, output);
            } else {
                Optional<StoredItem> item = place.look();
                if (item.isEmpty() && !asksForExistence) {
                    throw FileStore.missing("file or folder", place.path());
                }
                for (Located field : fields.items()) {
                    if (item.isPresent()) {
                        field(context, place, item.get(), field, output);
                    }
                }
                if (asksForExistence) {
                    output.put("exists", item.isPresent());
                }
            }
            output.put("effectiveIntegrationRuntime", ActivityContext.INTEGRATION_RUNTIME);
            output.put("executionDuration", 0);
            output.putObject("durationInQueue").put("integrationRuntimeQueue", 0);
            return output;
        } catch (StoreException failure) {
            throw Failures.metadata(failure);
        }
    }

    private static void field(ActivityContext context, Place place, StoredItem item, Located stated, ObjectNode output)
            throws ActivityFailure, StoreException {
        String field = Optional.ofNullable(FIELDS.floor(stated.text(""))).filter(stated.text("")::equalsIgnoreCase)
                .orElseThrow(() -> StoreException.user("UserErrorInvalidField", "There is no field '" + stated.text("") + "'; there are " + FIELDS));
        switch (field) {
            case "itemName" -> output.put(field, item.name());
            case "itemType" -> output.put(field, type(item));
            case "size" -> output.put(field, file(item, field).file().sizeBytes());
            case "created" -> output.put(field, item.created().or(item::lastModified).map(TIME::format).orElse(""));
            case "lastModified" -> output.put(field, item.lastModified().map(TIME::format).orElse(""));
            case "contentMD5" -> file(item, field).contentMd5().ifPresentOrElse(hash -> output.put(field, hash), () -> output.putNull(field));
            case "childItems" -> output.set(field, children(context, place, item));
            case "structure", "columnCount" -> {
                ArrayNode structure = Schemas.of(context.stores(), place.dataset(), file(item, field).file(), context.properties());
                if (field.equals("structure")) {
                    output.set(field, structure);
                } else {
                    output.put(field, structure.size());
                }
            }
            case "exists" -> output.put(field, true);
            default -> throw new AssertionError("a field without a value: " + field);
        }
    }

    private static void table(ActivityContext context, Dataset dataset, Located fields, ObjectNode output) throws ActivityFailure, StoreException {
        Optional<ArrayNode> structure = Schemas.ofTable(context.stores(), dataset);
        for (Located stated : fields.items()) {
            switch (stated.text("").toLowerCase(Locale.ROOT)) {
                case "exists" -> output.put("exists", structure.isPresent());
                case "structure" -> structure.ifPresent(columns -> output.set("structure", columns));
                case "columncount" -> structure.ifPresent(columns -> output.put("columnCount", columns.size()));
                default -> throw StoreException.user("UserErrorInvalidField", "'" + stated.text("")
                        + "' is a field of files and folders; of a table there are structure, columnCount and exists");
            }
        }
        if (structure.isEmpty() && !output.has("exists")) {
            throw StoreException.user("UserErrorTableNotFound", "The table '" + dataset.properties().at("table").text("") + "' does not exist");
        }
    }

    private static String type(StoredItem item) {
        return switch (item) {
            case StoredItem.File _ -> "File";
            case StoredItem.Folder _ -> "Folder";
        };
    }

    private static StoredItem.File file(StoredItem item, String field) throws StoreException {
        if (item instanceof StoredItem.File file) {
            return file;
        }
        throw StoreException.user("UserErrorInvalidField", "'" + field + "' is a field of files, and '" + item.path() + "' is a folder");
    }

    // A range of modification times leaves files out, and folders altogether.
    private static ArrayNode children(ActivityContext context, Place place, StoredItem item) throws StoreException {
        if (item instanceof StoredItem.File) {
            throw StoreException.user("UserErrorInvalidField", "'childItems' is a field of folders, and '" + item.path() + "' is a file");
        }
        Window window = FilesMeant.of(place.dataset().properties().at("location"), context.properties().at("storeSettings"), Depth.FOLDER_ALONE)
                .selection().modified();
        ArrayNode children = JsonNodeFactory.instance.arrayNode();
        for (StoredItem child : place.store().orElseThrow().children(place.path())) {
            boolean isIn = window.equals(Window.ALWAYS)
                    || child instanceof StoredItem.File && child.lastModified().map(window::holds).orElse(false);
            if (isIn) {
                children.addObject().put("name", child.name()).put("type", type(child));
            }
        }
        return children;
    }

    private static JsonNode validate(ActivityContext context) throws ActivityFailure, InterruptedException {
        Located properties = context.properties();
        Duration timeout = properties.at("timeout").text().flatMap(Activity::duration).orElse(VALIDATION_TIMEOUT);
        long sleep = Math.max(1, properties.at("sleep").integer().orElse(SLEEP_SECONDS));
        Instant deadline = context.clock().instant().plus(timeout);
        while (true) {
            try {
                Optional<ObjectNode> found = found(context);
                if (found.isPresent()) {
                    return found.get();
                }
            } catch (StoreException failure) {
                throw Failures.metadata(failure);
            }
            if (!context.clock().instant().plusSeconds(sleep).isBefore(deadline)) {
                throw ActivityFailure.timedOut("ActivityTimedOut", "What the dataset names was not there, as asked for, within " + timeout.toSeconds() + " s");
            }
            context.pause(Duration.ofSeconds(sleep));
        }
    }

    private static Optional<ObjectNode> found(ActivityContext context) throws ActivityFailure, StoreException {
        Located properties = context.properties();
        Place place = Place.of(context);
        if (place.store().isEmpty()) {
            return Schemas.ofTable(context.stores(), place.dataset()).map(_ -> JsonNodeFactory.instance.objectNode().put("exists", true));
        }
        Optional<StoredItem> item = place.look();
        if (item.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("exists", true).put("itemName", item.get().name()).put("itemType", type(item.get()));
        return switch (item.get()) {
            case StoredItem.File(var file, var _, var _) -> {
                output.put("size", file.sizeBytes());
                yield file.sizeBytes() >= properties.at("minimumSize").integer().orElse(0L) ? Optional.of(output) : Optional.empty();
            }
            case StoredItem.Folder folder -> {
                boolean isFilled = !place.store().get().children(folder.path()).isEmpty();
                // Asked for, items must be there; refused, the folder must be empty.
                yield properties.at("childItems").flag().map(wanted -> wanted == isFilled).orElse(true) ? Optional.of(output) : Optional.empty();
            }
        };
    }
}
