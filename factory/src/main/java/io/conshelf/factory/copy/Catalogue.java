package io.conshelf.factory.copy;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Every type of linked service, dataset, location, settings, source and sink that is documented, supported or not, found by its name in any
/// case. What is supported is declared in [FileStores], [RowStores], [Formats], [EarlierFiles] and [OtherServices], what is not in [Unsupported].
public final class Catalogue {
    /// What a declaration declares.
    public enum Kind {
        LINKED_SERVICE("linked service type"), DATASET("dataset type"), LOCATION("location"), SETTINGS("settings"), SOURCE("source"), SINK("sink");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    private static final Map<Kind, Map<String, Declaration>> BY_KIND = new EnumMap<>(Kind.class);

    static {
        add(Kind.LINKED_SERVICE, FileStores.ALL.stream().flatMap(store -> store.linkedServices().stream()));
        add(Kind.LINKED_SERVICE, RowStores.ALL.stream().flatMap(store -> store.linkedServices().stream()));
        add(Kind.LINKED_SERVICE, OtherServices.ALL.stream());
        add(Kind.DATASET, Formats.ALL.stream().map(FormatType::dataset));
        add(Kind.DATASET, EarlierFiles.DATASETS.stream());
        add(Kind.DATASET, RowStores.ALL.stream().flatMap(store -> store.datasets().stream()));
        add(Kind.LOCATION, FileStores.ALL.stream().map(FileStoreType::location));
        add(Kind.SETTINGS, FileStores.ALL.stream().flatMap(store -> Stream.concat(Stream.of(store.readSettings()), store.writeSettings().stream())));
        add(Kind.SETTINGS, Formats.ALL.stream().flatMap(format -> Stream.concat(Stream.of(format.readSettings()), format.writeSettings().stream())));
        add(Kind.SOURCE, Formats.ALL.stream().map(FormatType::source));
        add(Kind.SOURCE, EarlierFiles.SOURCES.stream());
        add(Kind.SOURCE, RowStores.ALL.stream().flatMap(store -> store.sources().stream()));
        add(Kind.SINK, Formats.ALL.stream().flatMap(format -> format.sink().stream()));
        add(Kind.SINK, EarlierFiles.SINKS.stream());
        add(Kind.SINK, RowStores.ALL.stream().flatMap(store -> store.sinks().stream()));
        add(Kind.LINKED_SERVICE, Unsupported.LINKED_SERVICES.stream());
        add(Kind.DATASET, Unsupported.DATASETS.stream());
        add(Kind.LOCATION, Unsupported.LOCATIONS.stream());
        add(Kind.SETTINGS, Unsupported.SETTINGS.stream());
        add(Kind.SOURCE, Unsupported.SOURCES.stream());
        add(Kind.SINK, Unsupported.SINKS.stream());
    }

    private Catalogue() {}

    private static void add(Kind kind, Stream<Declaration> declarations) {
        Map<String, Declaration> known = BY_KIND.computeIfAbsent(kind, _ -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
        // What is built comes first; a name that is still listed as unsupported is not taken from it.
        declarations.forEach(declaration -> known.putIfAbsent(declaration.type(), declaration));
    }

    public static Collection<Declaration> all(Kind kind) {
        return List.copyOf(BY_KIND.get(kind).values());
    }

    public static List<String> supported(Kind kind) {
        return BY_KIND.get(kind).values().stream().filter(Declaration::isSupported).map(Declaration::type).toList();
    }

    public static Optional<Declaration> find(Kind kind, String type) {
        return Optional.ofNullable(BY_KIND.get(kind).get(type));
    }

    /// The declaration of an object that has a `type`; reports one that is not supported.
    ///
    /// @param holder has the `type`
    public static Optional<Declaration> require(Kind kind, Located holder, Consumer<Problem> problems) {
        String name = holder.at("type").text("");
        Optional<Declaration> declared = find(kind, name);
        if (declared.filter(Declaration::isSupported).isEmpty()) {
            String why = declared.flatMap(Declaration::refusal).map(refusal -> " is known and not supported: " + refusal).orElse(" is not known");
            problems.accept(holder.at("type").problem("the " + kind.title() + " '" + name + "'" + why + "; there are " + String.join(", ", supported(kind))));
            return Optional.empty();
        }
        return declared;
    }

    static Optional<FileStoreType> fileStore(String linkedServiceType) {
        return FileStores.ALL.stream().filter(store -> isAmong(store.linkedServices(), linkedServiceType)).findFirst();
    }

    static Optional<RowStoreType> rowStore(String datasetType) {
        return RowStores.ALL.stream().filter(store -> isAmong(store.datasets(), datasetType)).findFirst();
    }

    static Optional<FormatType> format(String datasetType) {
        return Formats.ALL.stream().filter(format -> format.dataset().type().equalsIgnoreCase(datasetType)).findFirst();
    }

    static boolean isAmong(List<Declaration> declarations, String type) {
        return declarations.stream().anyMatch(declaration -> declaration.type().equalsIgnoreCase(type));
    }
}
