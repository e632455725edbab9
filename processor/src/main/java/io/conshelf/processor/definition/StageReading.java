package io.conshelf.processor.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.processor.definition.FormatDefinition.CellType;
import io.conshelf.processor.definition.FormatDefinition.Header;
import io.conshelf.processor.definition.FormatDefinition.Plain;
import io.conshelf.processor.definition.InputDefinition.Database;
import io.conshelf.processor.definition.InputDefinition.Session;
import io.conshelf.processor.definition.OutputDefinition.Column;
import io.conshelf.processor.definition.StageDefinition.Computed;
import io.conshelf.processor.definition.StageDefinition.Condition;
import io.conshelf.processor.definition.StageDefinition.Function;
import io.conshelf.processor.definition.StageDefinition.HttpResponse;
import io.conshelf.processor.definition.StageDefinition.Side;
import io.conshelf.processor.definition.StageDefinition.Single;
import io.conshelf.processor.definition.StageDefinition.Tracked;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.path.FileTemplate;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.Value;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Turns stages that are in order into what the rest of the module knows.
final class StageReading {
    private static final Duration NO_LONGEST_PAUSE = Duration.ofDays(1);

    private StageReading() {}

    static InputDefinition input(StageType type, Located located) {
        Stated stage = Stated.of(located, type.settings());
        InputDefinition.Settings settings = switch (type.type()) {
            case StageTypes.MQTT_SOURCE -> new InputDefinition.Settings.Mqtt(stage.text("broker").strip(), texts(stage.at("topics")), stage.number("qos"),
                    stage.flag("cleanSession") ? Session.CLEAN : Session.KEPT, authentication(stage), stage.text("trustedCaCertificate"));
            case StageTypes.HTTP_SOURCE -> {
                Optional<Stated> request = stage.partIfAny("request");
                yield new InputDefinition.Settings.Http(stage.text("url").strip(), stage.word("method"), stage.duration("interval"),
                        request.filter(each -> each.has("body")).map(each -> each.at("body")).map(body -> value(body.value().isObject() ? body.at("value").value() : body.value()))
                                .orElse(Value.NULL),
                        request.map(StageReading::headers).orElse(List.of()), authentication(stage));
            }
            case StageTypes.SQL_SERVER_SOURCE -> sql(stage, Database.SQL_SERVER);
            case StageTypes.POSTGRESQL_SOURCE -> sql(stage, Database.POSTGRESQL);
            default -> throw new IllegalStateException(type.type());
        };
        Stated strategy = stage.part("partitionStrategy");
        return new InputDefinition(type.type(), located.at("displayName").text(""), settings, format(stage.part("format"), Path.WHOLE), stage.number("partitionCount"),
                switch (strategy.type()) {
                    case "key" -> new PartitionStrategy.Key(strategy.text("expression"));
                    case "id" -> new PartitionStrategy.Id(strategy.text("expression"));
                    default -> new PartitionStrategy.RoundRobin();
                });
    }

    private static InputDefinition.Settings sql(Stated stage, Database kind) {
        return new InputDefinition.Settings.Sql(kind, stage.text("server"), stage.number("port"), stage.text("database"), stage.part("query").text("expression"),
                stage.duration("interval"), authentication(stage));
    }

    static StageDefinition stage(String id, StageType type, Located located) {
        Stated stage = Stated.of(located, type.settings());
        return new StageDefinition(id, type.type(), located.at("displayName").text(""), switch (type.type()) {
            case StageTypes.TRANSFORM -> new StageDefinition.Settings.Transform(stage.text("expression"));
            case StageTypes.FILTER -> new StageDefinition.Settings.Filter(stage.text("expression"));
            case StageTypes.AGGREGATE -> new StageDefinition.Settings.Aggregate(stage.part("window").duration("size"), stage.parts("properties").stream().map(each ->
                    new Computed(each.word("function", Function.class), each.path("inputPath"), each.path("outputPath"))).toList());
            case StageTypes.ENRICH -> new StageDefinition.Settings.Enrich(stage.text("dataset"), stage.path("outputPath"),
                    stage.flag("alwaysArray") ? Single.ARRAY : Single.ITSELF, stage.has("limit") ? stage.number("limit") : Integer.MAX_VALUE,
                    stage.parts("conditions").stream().map(StageReading::condition).toList());
            case StageTypes.LAST_KNOWN_VALUE -> new StageDefinition.Settings.LastKnownValue(stage.parts("properties").stream().map(each ->
                    new Tracked(each.path("inputPath"), each.path("outputPath"), each.has("expirationTime") ? each.duration("expirationTime") : Tracked.FOREVER,
                            paths(each, "timestampPath"))).toList());
            case StageTypes.HTTP_CALL -> new StageDefinition.Settings.HttpCall(stage.text("url").strip(), stage.word("method"), authentication(stage),
                    stage.partIfAny("request").map(StageReading::request).orElse(HttpRequest.EMPTY),
                    stage.partIfAny("response").map(response -> new HttpResponse(body(response), paths(response, "headers"), paths(response, "status"))).orElse(HttpResponse.EMPTY),
                    retry(stage));
            default -> throw new IllegalStateException(type.type());
        });
    }

    static OutputDefinition output(String id, StageType type, Located located) {
        Stated stage = Stated.of(located, type.settings());
        return new OutputDefinition(id, type.type(), located.at("displayName").text(""), switch (type.type()) {
            case StageTypes.DATA_EXPLORER -> new OutputDefinition.Settings.DataExplorer(stage.text("clusterUrl").strip(), stage.text("database"), stage.text("table"),
                    stage.parts("columns").stream().map(each -> new Column(each.text("name"), each.has("path") ? each.path("path") : Path.ofName(each.text("name")))).toList(),
                    authentication(stage), batch(stage), retry(stage));
            case StageTypes.MQTT_DESTINATION -> new OutputDefinition.Settings.Mqtt(stage.text("broker").strip(), field(stage.at("topic")), stage.number("qos"),
                    formatOfMessage(stage.part("format")), authentication(stage), stage.text("trustedCaCertificate"), pairs(stage, "userProperties"), retry(stage));
            case StageTypes.REFERENCE_DATA -> new OutputDefinition.Settings.ReferenceData(stage.text("dataset"));
            case StageTypes.HTTP_DESTINATION -> new OutputDefinition.Settings.Http(stage.text("url").strip(), stage.word("method"),
                    stage.partIfAny("request").map(StageReading::request).orElse(HttpRequest.EMPTY), authentication(stage), retry(stage));
            case StageTypes.BLOB -> new OutputDefinition.Settings.Blob(stage.text("accountName"), stage.text("containerName"), authentication(stage),
                    format(stage.part("format"), Path.WHOLE), new FileTemplate(stage.text("blobPath")), batch(stage), retry(stage));
            case StageTypes.FILE -> new OutputDefinition.Settings.File(stage.text("rootDirectory"), format(stage.part("format"), Path.WHOLE),
                    new FileTemplate(stage.text("filePath")), batch(stage), stage.text("filePermissions"));
            default -> throw new IllegalStateException(type.type());
        });
    }

    private static List<String> texts(Located list) {
        return list.items().stream().map(item -> item.text("")).toList();
    }

    private static List<Path> paths(Stated stage, String name) {
        return stage.has(name) ? List.of(stage.path(name)) : List.of();
    }

    private static Condition condition(Stated stated) {
        return switch (stated.type()) {
            case "keyMatch" -> new Condition.KeyMatch(stated.path("inputPath"), stated.text("property"));
            case "pastNearest" -> new Condition.Nearest(stated.path("inputPath"), Side.PAST);
            default -> new Condition.Nearest(stated.path("inputPath"), Side.FUTURE);
        };
    }

    private static Batch batch(Stated stage) {
        Stated batch = stage.part("batch");
        return new Batch(batch.duration("time"), batch.path("path"));
    }

    private static Authentication authentication(Stated stage) {
        Stated stated = stage.part("authentication");
        return switch (stated.type()) {
            case "usernamePassword" -> new Authentication.UsernamePassword(stated.text("username"), stated.text("password"));
            case "serviceAccountToken" -> new Authentication.ServiceAccountToken();
            case "servicePrincipal" -> new Authentication.ServicePrincipal(stated.text("tenantId"), stated.text("clientId"), stated.text("clientSecret"));
            case "managedIdentity", "systemAssignedManagedIdentity" -> new Authentication.ManagedIdentity();
            case "header" -> new Authentication.Header(stated.text("key"), stated.text("value"));
            case "accessKey" -> new Authentication.AccessKey(stated.text("accessKey"));
            case "x509Certificate" -> new Authentication.Certificate(stated.text("certificate"), stated.text("privateKey"));
            case "none" -> new Authentication.None();
            default -> throw new IllegalStateException(stated.type());
        };
    }

    private static Retry retry(Stated stage) {
        Stated stated = stage.part("retry");
        return switch (stated.type()) {
            case "none" -> new Retry.None();
            case "fixed" -> new Retry.Fixed(stated.duration("interval"), stated.number("maxRetries"));
            case "exponential" -> new Retry.Exponential(stated.duration("interval"), stated.number("maxRetries"),
                    stated.has("maxInterval") ? stated.duration("maxInterval") : NO_LONGEST_PAUSE);
            default -> Retry.DEFAULT;
        };
    }

    private static HttpRequest request(Stated request) {
        return new HttpRequest(body(request), headers(request));
    }

    private static List<FormatDefinition> body(Stated part) {
        return part.partIfAny("body").map(StageReading::formatOfMessage).stream().toList();
    }

    private static List<Field.Pair> headers(Stated request) {
        return pairs(request, "headers");
    }

    private static List<Field.Pair> pairs(Stated stated, String name) {
        return stated.parts(name).stream().map(pair -> new Field.Pair(field(pair.at("key")), field(pair.at("value")))).toList();
    }

    private static Field field(Located located) {
        if (!located.value().isObject()) {
            return new Field.Static(value(located.value()));
        }
        return located.at("type").text("").equalsIgnoreCase("dynamic") ? new Field.Dynamic(Stated.parsed(located.at("value").text(""))) : new Field.Static(value(located.at("value").value()));
    }

    private static FormatDefinition formatOfMessage(Stated stated) {
        return format(stated, stated.path("path"));
    }

    private static FormatDefinition format(Stated stated, Path path) {
        return new FormatDefinition(switch (stated.type()) {
            case "raw" -> Plain.RAW;
            case "json" -> Plain.JSON;
            case "jsonStream" -> Plain.JSON_STREAM;
            case "messagePack" -> Plain.MESSAGE_PACK;
            case "cbor" -> Plain.CBOR;
            case "csv" -> new FormatDefinition.Csv(stated.flag("header") ? Header.FIRST_LINE : Header.NONE, stated.parts("columns").stream().map(column ->
                    new FormatDefinition.Column(column.text("name"), column.word("type", CellType.class),
                            column.has("path") ? column.path("path") : Path.ofName(column.text("name")))).toList());
            case "protobuf" -> new FormatDefinition.Protobuf(Base64.getMimeDecoder().decode(stated.text("descriptor")), stated.text("package"), stated.text("message"));
            default -> throw new IllegalStateException(stated.type());
        }, path);
    }

    /// A value of a definition as messages have them.
    private static Value value(JsonNode node) {
        return switch (node.getNodeType()) {
            case BOOLEAN -> Value.of(node.booleanValue());
            case NUMBER -> !node.isIntegralNumber() ? Value.of(node.doubleValue()) : node.canConvertToLong() ? Value.of(node.longValue()) : new Value.Large(node.bigIntegerValue());
            case STRING -> Value.of(node.textValue());
            case ARRAY -> Value.items(node.valueStream().map(StageReading::value).toList());
            case OBJECT -> {
                SequencedMap<String, Value> members = new LinkedHashMap<>();
                node.properties().forEach(member -> members.put(member.getKey(), value(member.getValue())));
                yield new Value.Members(members);
            }
            case NULL, MISSING, BINARY, POJO -> Value.NULL;
        };
    }
}
