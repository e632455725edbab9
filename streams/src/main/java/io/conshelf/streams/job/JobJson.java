package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.kafka.KafkaServer;
import io.conshelf.streams.job.DatasourceType.Role;
import io.conshelf.streams.job.JobDefinition.Function;
import io.conshelf.streams.job.JobDefinition.FunctionType;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.Policies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Reads a job as the management interface writes it: `{"name", "properties": {"inputs", "outputs", "transformation", …}}`. Finds every mistake, not
/// only the first.
public final class JobJson {
    private static final long LATE_ARRIVAL_SECONDS_MAX = 1_814_399;
    private static final Set<String> LEVELS = Set.of("1.0", "1.1", "1.2");
    private static final int NAME_MAX = 128;
    private static final long BATCH_ROWS_MAX = 10_000;
    private static final Duration BATCH_TIME_MAX = Duration.ofHours(2);
    private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();

    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> remarks = new ArrayList<>();

    /// What the job is read for.
    private enum Purpose { RUN, TEST }

    private final Purpose purpose;

    private JobJson(Purpose purpose) {
        this.purpose = purpose;
    }

    public static JobReading read(Located job) {
        return read(job, Purpose.RUN);
    }

    /// Of a test of a query, whose events stand elsewhere and whose rows go elsewhere.
    public static JobReading readForTest(Located job) {
        return read(job, Purpose.TEST);
    }

    private static JobReading read(Located job, Purpose purpose) {
        JobJson reader = new JobJson(purpose);
        JobDefinition read = reader.job(job);
        return new JobReading(read, outline(job, read), reader.problems, reader.remarks);
    }

    private JobDefinition job(Located job) {
        Located properties = job.at("properties");
        String name = job.at("name").text("job");
        Located transformation = properties.at("transformation").at("properties");
        String query = transformation.at("query").text("");
        if (query.isBlank()) {
            problems.add(transformation.at("query").problem("is missing: a job needs a query"));
        }
        List<Input> inputs = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Located input : properties.at("inputs").items()) {
            checkName(input, "an input", names);
            input(input).ifPresent(inputs::add);
        }
        List<Output> outputs = new ArrayList<>();
        names.clear();
        for (Located output : properties.at("outputs").items()) {
            checkName(output, "an output", names);
            output(output).ifPresent(outputs::add);
        }
        List<Function> functions = new ArrayList<>();
        names.clear();
        for (Located function : properties.at("functions").items()) {
            checkName(function, "a function", names);
            function(function).ifPresent(functions::add);
        }
        choice(properties.at("jobType"), "Cloud", "Edge");
        choice(properties.at("contentStoragePolicy"), "SystemAccount", "JobStorageAccount");
        return new JobDefinition(name, query, inputs, outputs, functions, policies(job, properties, transformation));
    }

    private static JobDefinition outline(Located job, JobDefinition read) {
        Located properties = job.at("properties");
        List<Input> inputs = properties.at("inputs").items().stream().map(input -> new Input(input.at("name").text(""),
                input.at("properties").at("type").text("").equalsIgnoreCase("Reference") ? InputType.REFERENCE : InputType.STREAM, NOTHING)).toList();
        List<Output> outputs = properties.at("outputs").items().stream().map(output -> new Output(output.at("name").text(""), NOTHING)).toList();
        List<Function> functions = properties.at("functions").items().stream().map(function -> new Function(function.at("name").text(""),
                function.at("properties").at("type").text("").equalsIgnoreCase("Aggregate") ? FunctionType.AGGREGATE : FunctionType.SCALAR, "", List.of(), "any")).toList();
        return new JobDefinition(read.name(), read.query(), inputs, outputs, functions, read.policies());
    }

    private void checkName(Located resource, String what, Set<String> names) {
        String name = resource.at("name").text("");
        if (name.isBlank()) {
            problems.add(resource.at("name").problem("is missing: " + what + " needs a name"));
        } else if (name.length() > NAME_MAX) {
            problems.add(resource.at("name").problem("has more than " + NAME_MAX + " characters"));
        } else if (!names.add(name.toLowerCase(Locale.ROOT))) {
            problems.add(resource.at("name").problem("'" + name + "' is the name of " + what + " already; names are the same whatever their case"));
        }
    }

    private Policies policies(Located job, Located properties, Located transformation) {
        Optional<String> ordering = choice(properties.at("eventsOutOfOrderPolicy"), "Adjust", "Drop");
        Optional<String> error = choice(properties.at("outputErrorPolicy"), "Stop", "Drop", "Retry");
        long late = number(properties.at("eventsLateArrivalMaxDelayInSeconds"), -1, LATE_ARRIVAL_SECONDS_MAX, -1);
        long outOfOrder = number(properties.at("eventsOutOfOrderMaxDelayInSeconds"), 0, LATE_ARRIVAL_SECONDS_MAX, 0);
        return new Policies(late < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(late)), Duration.ofSeconds(outOfOrder),
                ordering.filter("Drop"::equals).isPresent() ? JobDefinition.Ordering.DROP : JobDefinition.Ordering.ADJUST,
                error.filter("Drop"::equals).isPresent() ? JobDefinition.OutputError.DROP : JobDefinition.OutputError.STOP,
                compatibility(properties), properties.at("dataLocale").text("en-US"), streamingUnits(transformation.at("streamingUnits"), sku(job, properties)));
    }

    private String compatibility(Located properties) {
        Located level = properties.at("compatibilityLevel");
        if (!level.isPresent()) {
            remarks.add(level.problem("is not given: 1.0, as the service takes it; new jobs state 1.2"));
            return "1.0";
        }
        String stated = level.value().asText();
        if (!LEVELS.contains(stated)) {
            problems.add(level.problem("is to be one of 1.0, 1.1 and 1.2, found '" + stated + "'"));
            return "1.2";
        }
        return stated;
    }

    /// It stands in the properties, and in the preview interface beside them, too.
    private static String sku(Located job, Located properties) {
        return properties.at("sku").at("name").text(job.at("sku").at("name").text(""));
    }

    /// In units of the older kind, six of which are one of the newer. Sizes are whole numbers, ten for a unit of the newer kind, or thirds such as "1/3".
    private int streamingUnits(Located stated, String sku) {
        if (!stated.isPresent()) {
            return 1;
        }
        Optional<Long> whole = stated.integer();
        if (whole.isPresent() ? whole.get() < 1 || whole.get() > 1_000 : !stated.text("").strip().matches("[12]/3")) {
            problems.add(stated.problem("is to be a number of streaming units, found " + stated.value()));
            return 1;
        }
        int units = whole.map(Long::intValue).orElse(1);
        // 3 and 7, the thirds of the newer kind, are 1 and 3.
        return whole.isPresent() && sku.equalsIgnoreCase("StandardV2") ? Math.max(1, units / 10 * 6 + units % 10 / 2) : units;
    }

    private Optional<Input> input(Located input) {
        Located properties = input.at("properties");
        Optional<InputType> type = choice(properties.at("type"), "Stream", "Reference").map(found -> InputType.valueOf(found.toUpperCase(Locale.ROOT)));
        if (type.isEmpty() && !properties.at("type").isPresent()) {
            problems.add(properties.at("type").problem("is missing: an input is of type Stream or Reference"));
        }
        Role role = type.filter(InputType.REFERENCE::equals).isPresent() ? Role.REFERENCE : Role.STREAM;
        int before = problems.size();
        ObjectNode read = properties(properties, role);
        compression(properties, role, read);
        watermarks(properties);
        return problems.size() == before && type.isPresent() ? Optional.of(new Input(input.at("name").text(""), type.get(), read)) : Optional.empty();
    }

    private void compression(Located properties, Role role, ObjectNode read) {
        Located type = properties.at("compression").at("type");
        if (!type.isPresent()) {
            return;
        }
        Optional<String> compression = Formats.compression(type.text(""));
        if (compression.isEmpty()) {
            problems.add(type.problem("is to be one of " + Formats.compressions() + ", found " + type.value()));
        } else if (role == Role.REFERENCE && !compression.get().equals("None")) {
            problems.add(type.problem("reference data is not compressed, found '" + compression.get() + "'"));
        } else {
            read.putObject("compression").put("type", compression.get());
        }
    }

    private void watermarks(Located properties) {
        Located mode = properties.at("watermarkSettings").at("watermarkMode");
        if (mode.isPresent() && !mode.text("").equalsIgnoreCase("None")) {
            problems.add(mode.problem("is not supported: watermarks do not travel with events; None is what there is"));
        }
    }

    private Optional<Output> output(Located output) {
        Located properties = output.at("properties");
        int before = problems.size();
        ObjectNode read = properties(properties, Role.OUTPUT);
        batch(properties, read);
        watermarks(properties);
        return problems.size() == before ? Optional.of(new Output(output.at("name").text(""), read)) : Optional.empty();
    }

    private void batch(Located properties, ObjectNode read) {
        Located time = properties.at("timeWindow");
        Located rows = properties.at("sizeWindow");
        if (time.isPresent() && time.text().flatMap(Durations::parse).filter(stated -> stated.isPositive() && stated.compareTo(BATCH_TIME_MAX) <= 0).isEmpty()) {
            problems.add(time.problem("is to be a time as hh:mm:ss, at most 02:00:00, found " + time.value()));
        }
        if (rows.isPresent() && rows.integer().filter(stated -> stated > 0 && stated <= BATCH_ROWS_MAX).isEmpty()) {
            problems.add(rows.problem("is to be a number of rows, at most " + BATCH_ROWS_MAX + ", found " + rows.value()));
        }
        String datasource = read.path("datasource").path("type").asText("");
        boolean isOnce = properties.at("datasource").at("properties").at("blobWriteMode").text("").equalsIgnoreCase("Once");
        for (Located window : List.of(time, rows)) {
            if (window.isPresent()) {
                if (isOnce) {
                    remarks.add(window.problem("has no effect: with the blobWriteMode Once a file has all rows of an hour"));
                } else if (!List.of(Datasources.BLOB, Datasources.FILE).contains(datasource)) {
                    remarks.add(window.problem("has no effect: only outputs into files collect rows so"));
                }
            }
        }
        time.text().ifPresent(stated -> read.put("timeWindow", stated));
        rows.integer().ifPresent(stated -> read.put("sizeWindow", stated));
    }

    /// The service writes such a file when no row of its hour can come any more, so its path has to tell the hour.
    private void writtenOnce(Located settings) {
        if (!settings.at("blobWriteMode").text("").equalsIgnoreCase("Once")) {
            return;
        }
        Located path = settings.at("pathPattern");
        String pattern = settings.at("blobPathPrefix").text("") + "/" + path.text("");
        String lower = pattern.toLowerCase(Locale.ROOT);
        if (!lower.contains("{date}") || !lower.contains("{time}")) {
            problems.add(path.problem("is to have {date} and {time} with the blobWriteMode Once, which writes a file when all rows of its hour are there"));
        } else if (lower.replace("{date}", "").replace("{time}", "").replaceAll("\\{datetime:[^}]*}", "").contains("{")) {
            problems.add(path.problem("is to have no column in braces with the blobWriteMode Once"));
        }
    }

    /// The datasource and the serialization, with keys as the interface spells them.
    private ObjectNode properties(Located properties, Role role) {
        ObjectNode read = properties.value().isObject() ? ((ObjectNode) properties.value()).deepCopy() : JsonNodeFactory.instance.objectNode();
        List.of("type", "datasource", "serialization", "compression", "timeWindow", "sizeWindow", "partitionKey", "etag", "diagnostics")
                .forEach(key -> new ArrayList<>(read.properties()).stream().filter(property -> property.getKey().equalsIgnoreCase(key))
                        .forEach(property -> read.remove(property.getKey())));
        Located datasource = properties.at("datasource");
        Located type = datasource.at("type");
        if (!type.isPresent()) {
            problems.add(type.problem("is missing: it names the kind of store, one of " + known(role)));
            return read;
        }
        Optional<DatasourceType> known = Datasources.find(role, type.text(""));
        if (known.isEmpty()) {
            problems.add(type.problem("'" + type.value().asText() + "' is not a kind of " + title(role) + "; there are " + known(role)));
            return read;
        }
        if (!known.get().isBuilt()) {
            problems.add(type.problem("'" + known.get().title() + "' (" + known.get().type() + ") is not supported as " + title(role) + ": " + known.get().refusal()));
            return read;
        }
        ObjectNode settings = settings(known.get().settings(), datasource.at("properties"), known.get().title());
        settingsThatDepend(known.get(), datasource.at("properties"));
        read.putObject("datasource").put("type", known.get().type()).set("properties", settings);
        serialization(properties.at("serialization"), known.get()).ifPresent(serialization -> read.set("serialization", serialization));
        if (properties.at("partitionKey").isPresent()) {
            read.set("partitionKey", properties.at("partitionKey").value());
        }
        return read;
    }

    private ObjectNode settings(List<Setting> declared, Located stated, String title) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        for (Setting setting : declared) {
            Located value = stated.at(setting.name());
            setting.mistake(value).ifPresent(mistake -> problems.add(value.problem(mistake)));
            if (value.isPresent() && setting.use() == Setting.Use.NO_EFFECT) {
                remarks.add(value.problem("has no effect: " + setting.note()));
            }
            if (value.isPresent()) {
                settings.set(setting.name(), value.value());
            }
        }
        stated.properties().forEach(property -> {
            if (declared.stream().noneMatch(setting -> setting.name().equalsIgnoreCase(property.getKey()))) {
                if (property.getValue().isPresent()) {
                    remarks.add(property.getValue().problem("has no effect: " + title + " is not known to have it"));
                }
                settings.set(property.getKey(), property.getValue().value());
            }
        });
        return settings;
    }

    private void settingsThatDepend(DatasourceType type, Located settings) {
        Located mode = settings.at("authenticationMode");
        boolean isKusto = type.type().equals(Datasources.KUSTO);
        if (mode.isPresent() && type.setting("authenticationMode").isPresent()) {
            String stated = mode.text("");
            if (isKusto && !stated.equalsIgnoreCase("Msi")) {
                problems.add(mode.problem("is to be Msi, the only one there is for Azure Data Explorer, found '" + stated + "'"));
            } else if (stated.equalsIgnoreCase("UserToken")) {
                problems.add(mode.problem("UserToken is not supported: the token of a user of the portal is not known here; Msi and ConnectionString are"));
            } else if (!stated.equalsIgnoreCase("Msi") && !stated.equalsIgnoreCase("ConnectionString")) {
                problems.add(mode.problem("is to be ConnectionString or Msi, found '" + stated + "'"));
            }
        }
        Located place = settings.at(type.type().equals(Datasources.IOT_HUB) ? "iotHubNamespace" : "serviceBusNamespace");
        if (isHub(type)) {
            port(place, place.text(""));
            if (mode.text("").equalsIgnoreCase("Msi") && !place.text("").contains(":")) {
                // The query can be tried with local inputs all the same.
                remarks.add(mode.problem("Msi is not supported for '" + type.title() + "': the job does not start with it; ConnectionString is, with an access policy"));
            }
        }
        if (type.type().equals(Datasources.RAW) && purpose == Purpose.RUN) {
            if (type.role() == Role.OUTPUT) {
                problems.add(settings.problem("a job does not start with an output of the type Raw, which is for tests of queries (testQuery); File writes into a folder"));
            } else if (settings.at("payload").text("").isEmpty()) {
                problems.add(settings.at("payload").problem(
                        "is missing: it is the events themselves; 'payloadUri' is for tests of queries (testQuery), File and blobs are read by jobs"));
            }
        }
        if (type.setting("bootstrapServers").isPresent()) {
            brokers(settings);
        }
        if (type.type().equals(Datasources.MQTT)) {
            broker(settings);
            choice(settings.at("version"), "5", "5.0", "3.1.1");
            number(settings.at("qos"), 0, 2, 1);
        }
        Located endpoint = settings.at("endpoint");
        if (type.type().equals(Datasources.IOT_HUB) && isGiven(endpoint) && !endpoint.text("").equalsIgnoreCase("messages/events")) {
            problems.add(endpoint.problem("is to be messages/events, the only endpoint that is read, found " + shown(endpoint.value())));
        }
        if (isKusto && isGiven(settings.at("cluster"))) {
            Located cluster = settings.at("cluster");
            ClusterAddress.of(cluster.text("")).ifPresentOrElse(address -> address.doubt().ifPresent(doubt -> remarks.add(cluster.problem(doubt))),
                    () -> problems.add(cluster.problem(ClusterAddress.refusal(cluster.text("")))));
        }
        if (isKusto) {
            choice(settings.at("deliveryMode"), "Queued", "Streaming");
        }
        if (type.type().equals(Datasources.BLOB)) {
            accounts(settings.at("storageAccounts"));
            if (type.role() == Role.OUTPUT) {
                choice(settings.at("blobWriteMode"), "Append", "Once");
                writtenOnce(settings);
            } else if (settings.at("pathPattern").text("").contains("*")) {
                problems.add(settings.at("pathPattern").problem("has '*', which is no wildcard: blobs under the path are read"));
            }
        }
        if (type.setting("refreshType").isPresent()) {
            Located refresh = settings.at("refreshType");
            choice(refresh, "Static", "RefreshPeriodicallyWithFull", "RefreshPeriodicallyWithDelta");
            if (refresh.text("").equalsIgnoreCase("RefreshPeriodicallyWithDelta") && settings.at("deltaSnapshotQuery").text("").isBlank()) {
                problems.add(refresh.problem("needs 'deltaSnapshotQuery', the query of what came and went"));
            }
        }
        if (type.setting("maxBatchCount").isPresent()) {
            number(settings.at("maxBatchCount"), 1, 1_000_000, 1);
            number(settings.at("maxWriterCount"), 0, 1, 0);
        }
    }

    private static boolean isHub(DatasourceType type) {
        return Set.of(Datasources.EVENT_HUB, Datasources.EVENT_HUB_V2, Datasources.IOT_HUB).contains(type.type());
    }

    private static boolean isGiven(Located stated) {
        return stated.value().isTextual() && !stated.text("").isBlank();
    }

    private void brokers(Located settings) {
        Located servers = settings.at("bootstrapServers");
        for (String server : isGiven(servers) ? servers.text("").split(",") : new String[0]) {
            // Kafka has no port of its own.
            port(servers, server.contains(":") ? server.strip() : server.strip() + ":");
        }
        Located protocol = settings.at("securityProtocol");
        Located mechanism = settings.at("saslMechanism");
        Optional<KafkaServer.Protocol> known = isGiven(protocol) ? KafkaServer.Protocol.named(protocol.text("")) : Optional.of(KafkaServer.Protocol.PLAINTEXT);
        if (known.isEmpty()) {
            problems.add(protocol.problem("is to be Plaintext, Ssl, SaslPlaintext or SaslSsl, found " + shown(protocol.value())));
        } else if (known.get().isSignedIn() && !isGiven(settings.at("username"))) {
            problems.add(settings.at("username").problem("is missing: with securityProtocol " + protocol.text("") + " somebody signs in"));
        } else if (!known.get().isSignedIn() && isGiven(settings.at("username"))) {
            problems.add(settings.at("username").problem("is for securityProtocol SaslSsl and SaslPlaintext; without one of them nobody signs in"));
        }
        if (isGiven(mechanism) && KafkaServer.Mechanism.named(mechanism.text("")).isEmpty()) {
            problems.add(mechanism.problem("is to be Plain, ScramSha256 or ScramSha512, found " + shown(mechanism.value())));
        }
    }

    private void port(Located stated, String address) {
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        if (colon >= 0 && (!port.matches("\\d{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535)) {
            problems.add(stated.problem("is to be host:port with a port from 1 to 65535, found " + shown(stated.value())));
        }
    }

    private void broker(Located settings) {
        Located stated = settings.at("broker");
        String address = stated.text("");
        if (!address.isBlank() && BrokerAddress.of(address, false).isEmpty()) {
            problems.add(stated.problem("is to be host:port with a port from 1 to 65535, or a URL of mqtt or mqtts, found " + shown(stated.value())));
        }
    }

    private void accounts(Located accounts) {
        List<Located> all = accounts.items();
        if (accounts.value().isArray() && all.size() != 1) {
            problems.add(accounts.problem("is to name one storage account, found " + all.size()));
        }
        all.forEach(account -> {
            if (account.at("accountName").text("").isBlank()) {
                problems.add(account.at("accountName").problem("is missing: it is the name of the storage account, or the address of its blob service"));
            }
            if (account.at("accountKey").isPresent() && !account.at("accountKey").value().isTextual()) {
                problems.add(account.at("accountKey").problem("is to be a text: it is the key of the storage account"));
            }
        });
    }

    private Optional<ObjectNode> serialization(Located stated, DatasourceType datasource) {
        Located type = stated.at("type");
        if (datasource.format() == DatasourceType.Format.NONE) {
            if (stated.isPresent() && type.isPresent()) {
                remarks.add(stated.problem("has no effect: " + datasource.title() + " has a format of its own"));
            }
            return Optional.empty();
        }
        if (!type.isPresent() && datasource.format() == DatasourceType.Format.OPTIONAL) {
            return Optional.empty();
        }
        if (!type.isPresent()) {
            problems.add(type.problem("is missing: it is the format, one of " + built()));
            return Optional.empty();
        }
        Optional<Formats.FormatType> format = Formats.find(type.text(""));
        if (format.isEmpty() || !format.get().refusal().isEmpty()) {
            problems.add(type.problem(format.map(known -> "'" + known.type() + "' is not supported: " + known.refusal())
                    .orElse("'" + type.value().asText() + "' is not a format") + "; there are " + built()));
            return Optional.empty();
        }
        if (datasource.role() == Role.REFERENCE && !Set.of("Json", "Csv").contains(format.get().type())) {
            problems.add(type.problem("reference data is Json or Csv, found '" + format.get().type() + "'"));
        }
        Located properties = stated.at("properties");
        Located encoding = properties.at("encoding");
        if (encoding.isPresent() && !encoding.text("").replace("-", "").equalsIgnoreCase("UTF8") && Set.of("Json", "Csv").contains(format.get().type())) {
            problems.add(encoding.problem("is to be UTF8, the only one there is, found '" + encoding.value().asText() + "'"));
        }
        if (format.get().type().equals("Json")) {
            choice(properties.at("format"), "LineSeparated", "Array");
        } else if (format.get().type().equals("Csv") && properties.at("fieldDelimiter").isPresent()
                && properties.at("fieldDelimiter").text("").codePointCount(0, properties.at("fieldDelimiter").text("").length()) != 1) {
            problems.add(properties.at("fieldDelimiter").problem("is to be one character, found " + properties.at("fieldDelimiter").value()));
        }
        ObjectNode read = JsonNodeFactory.instance.objectNode().put("type", format.get().type());
        read.set("properties", settings(format.get().settings(), properties, format.get().type()));
        return Optional.of(read);
    }

    private Optional<Function> function(Located function) {
        Located properties = function.at("properties");
        Optional<String> type = choice(properties.at("type"), "Scalar", "Aggregate");
        Located details = properties.at("properties");
        Located binding = details.at("binding");
        String kind = binding.at("type").text("");
        if (!kind.equalsIgnoreCase(Bindings.JAVASCRIPT)) {
            problems.add(binding.at("type").problem(kind.isEmpty() ? "is missing: it is " + Bindings.JAVASCRIPT + " for a JavaScript function"
                    : Bindings.refusal(kind)));
            return Optional.empty();
        }
        String script = binding.at("properties").at("script").text("");
        if (script.isBlank()) {
            problems.add(binding.at("properties").at("script").problem("is missing: it is the JavaScript of the function"));
        }
        List<String> inputs = new ArrayList<>();
        for (Located input : details.at("inputs").items()) {
            inputs.add(dataType(input.at("dataType")));
            if (input.at("isConfigurationParameter").flag().filter(flag -> flag).isPresent()) {
                problems.add(input.at("isConfigurationParameter").problem("is for machine learning; a JavaScript function has none"));
            }
        }
        String output = dataType(details.at("output").at("dataType"));
        return script.isBlank() ? Optional.empty() : Optional.of(new Function(function.at("name").text(""),
                type.filter("Aggregate"::equals).isPresent() ? FunctionType.AGGREGATE : FunctionType.SCALAR, script, inputs, output));
    }

    private String dataType(Located stated) {
        String type = stated.text("any").strip();
        if (!type.equalsIgnoreCase("any") && io.conshelf.streams.expression.Expression.Type.named(type).isEmpty()) {
            problems.add(stated.problem("'" + type + "' is not a type; there are any, bigint, float, nvarchar(max), datetime, bit, record and array"));
        }
        return type.toLowerCase(Locale.ROOT);
    }

    /// The spelling of the one that is stated.
    private Optional<String> choice(Located stated, String... known) {
        if (!stated.isPresent()) {
            return Optional.empty();
        }
        Optional<String> found = List.of(known).stream().filter(one -> one.equalsIgnoreCase(stated.text("").replace(" ", ""))).findFirst();
        if (found.isEmpty()) {
            problems.add(stated.problem("is to be " + String.join(" or ", known) + ", found " + shown(stated.value())));
        }
        return found;
    }

    private long number(Located stated, long min, long max, long otherwise) {
        if (!stated.isPresent()) {
            return otherwise;
        }
        Optional<Long> number = stated.integer();
        if (number.isEmpty() || number.get() < min || number.get() > max) {
            problems.add(stated.problem("is to be a whole number from " + min + " to " + max + ", found " + shown(stated.value())));
            return otherwise;
        }
        return number.get();
    }

    private static String shown(JsonNode value) {
        return value.isContainerNode() ? value.isArray() ? "a list" : "an object" : value.toString();
    }

    private static String title(Role role) {
        return switch (role) {
            case STREAM -> "input";
            case REFERENCE -> "reference data";
            case OUTPUT -> "output";
        };
    }

    private static String known(Role role) {
        return Datasources.of(role).filter(DatasourceType::isBuilt).map(DatasourceType::type).collect(Collectors.joining(", "));
    }

    private static String built() {
        return Formats.all().stream().filter(format -> format.refusal().isEmpty()).map(Formats.FormatType::type).collect(Collectors.joining(", "));
    }
}
