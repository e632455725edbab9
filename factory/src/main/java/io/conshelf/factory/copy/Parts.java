package io.conshelf.factory.copy;

import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.definition.Located;
import io.conshelf.factory.definition.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The sources, sinks and settings of Copy and Lookup, each with every documented property and how it is treated.
public final class Parts {
    private static final String ONE_AFTER_ANOTHER = "files are read one after another";

    /// One kind of source, sink or settings object, by the name in its `type`.
    public record Part(String type, List<Property> properties) {
        Optional<Property> property(String key) {
            return properties.stream().filter(property -> property.name().equalsIgnoreCase(key)).findFirst();
        }
    }

    private static final Map<String, Part> SOURCES = index(
            source("AzureDataExplorerSource").needs("query").takes("queryTimeout", "noTruncation", "additionalColumns"),
            source("DelimitedTextSource").takes("storeSettings", "formatSettings", "additionalColumns"),
            source("JsonSource").takes("storeSettings", "formatSettings", "additionalColumns"),
            source("ParquetSource").takes("storeSettings", "formatSettings").refuses("additionalColumns", "Parquet files go to the cluster as they are"),
            source("BinarySource").takes("storeSettings", "formatSettings"));

    private static final Map<String, Part> SINKS = index(
            sink("AzureDataExplorerSink").takes("ingestionMappingName", "additionalProperties", "flushImmediately")
                    .refuses("ingestionMappingAsJson", "name a mapping with 'ingestionMappingName' or use the translator"),
            sink("DelimitedTextSink").takes("storeSettings", "formatSettings"),
            sink("JsonSink").takes("storeSettings", "formatSettings"),
            sink("BinarySink").takes("storeSettings", "formatSettings"));

    private static final Map<String, Part> SETTINGS = index(
            new Builder("FileServerReadSettings").takes("recursive", "wildcardFolderPath", "wildcardFileName", "deleteFilesAfterCompletion",
                            "modifiedDatetimeStart", "modifiedDatetimeEnd", "fileListPath", "fileFilter")
                    .refuses("enablePartitionDiscovery", "partition columns are not made from folder names yet")
                    .ignores("partitionRootPath", "used with partition discovery only").ignores("maxConcurrentConnections", ONE_AFTER_ANOTHER)
                    .ignores("disableMetricsCollection", "no metrics are collected"),
            new Builder("FileServerWriteSettings").takes("copyBehavior").ignores("maxConcurrentConnections", ONE_AFTER_ANOTHER)
                    .ignores("disableMetricsCollection", "no metrics are collected"),
            new Builder("DelimitedTextReadSettings").takes("skipLineCount").refuses("compressionProperties", "archives are not unpacked yet"),
            new Builder("JsonReadSettings").refuses("compressionProperties", "archives are not unpacked yet"),
            new Builder("ParquetReadSettings").refuses("compressionProperties", "archives are not unpacked yet"),
            new Builder("BinaryReadSettings").refuses("compressionProperties", "archives are not unpacked yet"),
            new Builder("DelimitedTextWriteSettings").takes("fileExtension", "quoteAllText", "maxRowsPerFile", "fileNamePrefix"),
            new Builder("JsonWriteSettings").takes("filePattern"));

    private Parts() {}

    private static Builder source(String type) {
        return new Builder(type).ignores("sourceRetryCount", "the activity's policy retries").ignores("sourceRetryWait", "the activity's policy retries")
                .ignores("maxConcurrentConnections", ONE_AFTER_ANOTHER).ignores("disableMetricsCollection", "no metrics are collected");
    }

    private static Builder sink(String type) {
        return new Builder(type).ignores("writeBatchSize", "batches are sized by bytes").ignores("writeBatchTimeout", "batches are sized by bytes")
                .ignores("sinkRetryCount", "the activity's policy retries").ignores("sinkRetryWait", "the activity's policy retries")
                .ignores("maxConcurrentConnections", ONE_AFTER_ANOTHER).ignores("disableMetricsCollection", "no metrics are collected");
    }

    private static Map<String, Part> index(Builder... parts) {
        Map<String, Part> index = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Builder part : parts) {
            index.put(part.type, new Part(part.type, List.copyOf(part.properties)));
        }
        return index;
    }

    public static List<Part> all() {
        List<Part> all = new ArrayList<>(SOURCES.values());
        all.addAll(SINKS.values());
        all.addAll(SETTINGS.values());
        return all;
    }

    static void checkSource(Located source, Consumer<Problem> problems) {
        check(source, SOURCES, "source", problems);
    }

    static void checkSink(Located sink, Consumer<Problem> problems) {
        check(sink, SINKS, "sink", problems);
    }

    /// Reports the properties of a source or sink, and of its settings, that are not known.
    public static void remark(Located part, Consumer<Problem> remarks) {
        String type = part.at("type").text("");
        Part declared = SOURCES.containsKey(type) ? SOURCES.get(type) : SINKS.containsKey(type) ? SINKS.get(type) : SETTINGS.get(type);
        if (declared == null) {
            return;
        }
        for (Map.Entry<String, Located> property : part.properties()) {
            if (!property.getKey().equalsIgnoreCase("type") && declared.property(property.getKey()).isEmpty()) {
                remarks.accept(property.getValue().problem("'" + property.getKey() + "' is not a property of " + declared.type() + " and has no effect"));
            }
        }
        remark(part.at("storeSettings"), remarks);
        remark(part.at("formatSettings"), remarks);
    }

    private static void check(Located part, Map<String, Part> known, String kind, Consumer<Problem> problems) {
        if (!part.value().isObject()) {
            problems.accept(part.problem("a " + kind + " is an object with a 'type'"));
            return;
        }
        String type = part.at("type").text("");
        Part declared = known.get(type);
        if (declared == null) {
            problems.accept(part.at("type").problem("the " + kind + " '" + type + "' is not supported; there are "
                    + known.values().stream().map(Part::type).sorted().toList()));
            return;
        }
        check(part, declared, problems);
        for (String settings : List.of("storeSettings", "formatSettings")) {
            Located stated = part.at(settings);
            if (stated.isPresent()) {
                String settingsType = stated.at("type").text("");
                Optional.ofNullable(SETTINGS.get(settingsType)).ifPresentOrElse(found -> check(stated, found, problems),
                        () -> problems.accept(stated.at("type").problem("the settings '" + settingsType + "' are not supported; there are "
                                + SETTINGS.values().stream().map(Part::type).toList())));
            }
        }
    }

    private static void check(Located part, Part declared, Consumer<Problem> problems) {
        for (Property property : declared.properties()) {
            Located value = part.at(property.name());
            if (property.isRequired() && !value.isPresent()) {
                problems.accept(value.problem("'" + declared.type() + "' needs '" + property.name() + "'"));
            }
        }
        for (Map.Entry<String, Located> property : part.properties()) {
            declared.property(property.getKey()).filter(known -> known.treatment() == Treatment.REFUSED && isMeant(property.getValue()))
                    .ifPresent(known -> problems.accept(property.getValue().problem("'" + known.name() + "' is not supported yet: " + known.note())));
        }
    }

    /// Whether a refused property says anything: false, null and empty values leave things as they are.
    public static boolean isMeant(Located value) {
        return value.isPresent() && !value.flag().map(flag -> !flag).orElse(false) && !value.text().map(String::isEmpty).orElse(false)
                && !(value.value().isContainerNode() && value.value().isEmpty());
    }

    private static final class Builder {
        private final String type;
        private final List<Property> properties = new ArrayList<>();

        private Builder(String type) {
            this.type = type;
        }

        private Builder needs(String name) {
            properties.add(new Property(name, Treatment.IMPLEMENTED, true, ""));
            return this;
        }

        private Builder takes(String... names) {
            for (String name : names) {
                properties.add(new Property(name, Treatment.IMPLEMENTED, false, ""));
            }
            return this;
        }

        private Builder ignores(String name, String why) {
            properties.add(new Property(name, Treatment.NO_EFFECT, false, why));
            return this;
        }

        private Builder refuses(String name, String why) {
            properties.add(new Property(name, Treatment.REFUSED, false, why));
            return this;
        }
    }
}
