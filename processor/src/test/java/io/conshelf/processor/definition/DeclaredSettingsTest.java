package io.conshelf.processor.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.definition.Shape.Group;
import io.conshelf.processor.definition.Shape.Kind;
import io.conshelf.processor.definition.Shape.ListOf;
import io.conshelf.processor.definition.Shape.MapOf;
import io.conshelf.processor.definition.Shape.Number;
import io.conshelf.processor.definition.Shape.OneOf;
import io.conshelf.processor.definition.Shape.TextOr;
import io.conshelf.processor.definition.Shape.Variant;
import io.conshelf.processor.definition.Shape.Variants;
import io.conshelf.processor.definition.StageType.Role;
import io.conshelf.processor.path.FileTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every property that is declared does what its declaration says: one that is used changes what is read, one that is needed is missed, one without effect
/// changes nothing, and none takes just anything.
class DeclaredSettingsTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Which of two valid values.
    private enum Pick { ONE, OTHER }

    /// A declared property in a sample.
    ///
    /// @param pointer where it stands
    private record Leaf(String pointer, Setting setting) {}

    @TestFactory
    Stream<DynamicTest> stages() {
        return StageTypes.all().stream().map(type -> DynamicTest.dynamicTest(type.type(), () -> check(type)));
    }

    private static void check(StageType type) {
        if (!type.isBuilt()) {
            ObjectNode sample = samples(type.settings()).getFirst();
            assertThat(problems(type, sample)).anyMatch(problem -> problem.path().endsWith("type") && problem.message().contains("is not supported: " + type.refusal()));
            return;
        }
        int leaves = 0;
        for (ObjectNode sample : samples(type.settings())) {
            assertThat(problems(type, sample)).as("%s", sample).isEmpty();
            for (Leaf leaf : leaves(sample, type.settings(), "")) {
                check(type, sample, leaf);
                leaves++;
            }
        }
        assertThat(leaves).isPositive();
    }

    private static void check(StageType type, ObjectNode sample, Leaf leaf) {
        Setting setting = leaf.setting();
        Object read = read(type, sample);
        String at = leaf.pointer() + " of " + sample;
        if (!(setting.shape() instanceof Kind kind && kind == Kind.ANY)) {
            List<Problem> wrong = problems(type, with(sample, leaf.pointer(), wrong(setting.shape())));
            switch (setting.use()) {
                case NEEDED, USED -> assertThat(wrong).as("a wrong value: %s", at).isNotEmpty();
                case REFUSED -> assertThat(wrong).as("refused: %s", at).anyMatch(problem -> problem.message().startsWith("is not supported"));
                case NO_EFFECT -> assertThat(wrong).as("without effect: %s", at).isEmpty();
            }
        }
        ObjectNode without = without(sample, leaf.pointer());
        switch (setting.use()) {
            case NEEDED -> assertThat(problems(type, without)).as("needed: %s", at).anyMatch(problem -> problem.message().startsWith("is missing"));
            case USED -> assertThat(problems(type, without)).as("not needed: %s", at).isEmpty();
            case NO_EFFECT -> assertThat(read(type, without)).as("without effect: %s", at).isEqualTo(read);
            case REFUSED -> {}
        }
        if (setting.use() == Setting.Use.NEEDED || setting.use() == Setting.Use.USED) {
            JsonNode other = other(setting.shape(), sample.at(leaf.pointer()));
            if (!other.equals(sample.at(leaf.pointer()))) {
                assertThat(read(type, with(sample, leaf.pointer(), other))).as("used: %s", at).isNotEqualTo(read);
            }
            for (String alias : setting.aliases()) {
                ObjectNode renamed = without.deepCopy();
                ((ObjectNode) renamed.at(leaf.pointer().substring(0, leaf.pointer().lastIndexOf('/')))).set(alias, sample.at(leaf.pointer()));
                assertThat(read(type, renamed)).as("as %s: %s", alias, at).isEqualTo(read);
            }
        }
    }

    private static JsonNode other(Shape shape, JsonNode value) {
        JsonNode other = value(shape, Pick.OTHER, 0);
        // managed identities have two names
        boolean isSame = value.path("type").asText().toLowerCase(Locale.ROOT).endsWith("managedidentity") && other.path("type").asText().toLowerCase(Locale.ROOT).endsWith("managedidentity");
        return isSame ? value(shape, Pick.ONE, 0) : other;
    }

    @Test
    void whatAllStagesHaveChangesNothing() {
        StageType type = StageTypes.find(StageTypes.FILTER).orElseThrow();
        ObjectNode plain = NODES.objectNode().put("expression", ".a");
        ObjectNode shown = plain.deepCopy().put("description", "what it is for");
        shown.putObject("viewOptions").putObject("position").put("x", 1);
        assertThat(read(type, shown)).isEqualTo(read(type, plain));
        assertThat(StageTypes.COMMON).allMatch(setting -> setting.use() == Setting.Use.NO_EFFECT);
    }

    @Test
    void datasetsToo() throws InvalidDefinitionException {
        for (ObjectNode sample : samples(StageTypes.DATASET_SETTINGS)) {
            DatasetDefinition read = dataset(sample);
            for (Leaf leaf : leaves(sample, StageTypes.DATASET_SETTINGS, "")) {
                if (leaf.setting().use() == Setting.Use.USED || leaf.setting().use() == Setting.Use.NEEDED) {
                    assertThat(dataset(with(sample, leaf.pointer(), value(leaf.setting().shape(), Pick.OTHER, 0))).toString()).as(leaf.pointer()).isNotEqualTo(read.toString());
                }
            }
        }
    }

    private static DatasetDefinition dataset(ObjectNode properties) throws InvalidDefinitionException {
        ObjectNode resource = NODES.objectNode();
        resource.set("properties", properties);
        return Definitions.dataset("things", resource);
    }

    private static List<Problem> problems(StageType type, ObjectNode stage) {
        try {
            PipelineDefinition read = pipeline(type, stage);
            assertThat(read.remarks().stream().filter(remark -> !remark.message().equals("replaces the whole message"))).as("%s", stage).isEmpty();
            return List.of();
        } catch (InvalidDefinitionException invalid) {
            return invalid.problems();
        }
    }

    private static Object read(StageType type, ObjectNode stage) {
        try {
            PipelineDefinition pipeline = pipeline(type, stage);
            return switch (type.role()) {
                case SOURCE -> pipeline.input();
                case PROCESSOR -> pipeline.stages().getFirst();
                case DESTINATION -> pipeline.output();
            };
        } catch (InvalidDefinitionException invalid) {
            throw new AssertionError(stage + ": " + invalid.getMessage(), invalid);
        }
    }

    private static PipelineDefinition pipeline(StageType type, ObjectNode settings) throws InvalidDefinitionException {
        ObjectNode stage = settings.deepCopy().put("type", type.type());
        ObjectNode properties = NODES.objectNode().put("enabled", true);
        ObjectNode stages = NODES.objectNode();
        ObjectNode input = type.role() == Role.SOURCE ? stage : NODES.objectNode().put("type", StageTypes.HTTP_SOURCE).put("url", "http://localhost");
        input.putArray("next").add(type.role() == Role.PROCESSOR ? "one" : "output");
        if (type.role() == Role.PROCESSOR) {
            stage.putArray("next").add("output");
            stages.set("one", stage);
        }
        stages.set("output", type.role() == Role.DESTINATION ? stage : NODES.objectNode().put("type", StageTypes.REFERENCE_DATA).put("dataset", "things"));
        properties.set("input", input);
        properties.set("stages", stages);
        ObjectNode resource = NODES.objectNode();
        resource.set("properties", properties);
        return Definitions.pipeline("sample", resource);
    }

    /// Objects with every property, in which each variant of each of them occurs.
    private static List<ObjectNode> samples(List<Setting> settings) {
        int most = settings.stream().mapToInt(setting -> width(setting.shape())).max().orElse(1);
        List<ObjectNode> samples = new ArrayList<>();
        for (int variant = 0; variant < most; variant++) {
            samples.add(object(settings, variant));
        }
        return samples;
    }

    /// How many variants there are in it.
    private static int width(Shape shape) {
        return switch (shape) {
            case Kind _ -> 1;
            case Number _ -> 1;
            case OneOf _ -> 1;
            case ListOf(Shape item, int _, int _) -> width(item);
            case MapOf(Shape item, int _) -> width(item);
            case Group(List<Setting> inner) -> inner.stream().mapToInt(setting -> width(setting.shape())).max().orElse(1);
            case Variants variants -> built(variants).size() * built(variants).stream().flatMap(variant -> variant.settings().stream()).mapToInt(setting -> width(setting.shape()))
                    .max().orElse(1);
            case TextOr(Variants variants) -> built(variants).size();
        };
    }

    private static List<Variant> built(Variants variants) {
        return variants.variants().stream().filter(variant -> variant.refusal().isEmpty()).toList();
    }

    private static ObjectNode object(List<Setting> settings, int variant) {
        ObjectNode object = NODES.objectNode();
        settings.stream().filter(setting -> setting.use() != Setting.Use.REFUSED).forEach(setting -> object.set(setting.name(), value(setting.shape(), Pick.ONE, variant)));
        return object;
    }

    private static ObjectNode variant(Variants variants, int variant) {
        List<Variant> built = built(variants);
        Variant chosen = built.get(variant % built.size());
        ObjectNode object = object(chosen.settings(), variant / built.size());
        return object.put(variants.named().getFirst(), chosen.type());
    }

    private static JsonNode value(Shape shape, Pick pick, int variant) {
        boolean isOne = pick == Pick.ONE;
        return switch (shape) {
            case Kind kind -> switch (kind) {
                case TEXT, SECRET, ANY -> NODES.textNode(isOne ? "one" : "other");
                case FLAG -> NODES.booleanNode(isOne);
                case PATH, EXPRESSION -> NODES.textNode(isOne ? ".one" : ".other");
                case DURATION -> NODES.textNode(isOne ? "7s" : "8s");
                case URL -> NODES.textNode(isOne ? "http://localhost/one" : "http://localhost/other");
                case BROKER -> NODES.textNode(isOne ? "tls://localhost:8883" : "tcp://localhost");
                case TOPIC_FILTER -> NODES.textNode(isOne ? "one/#" : "other/+");
                case TEMPLATE -> NODES.textNode((isOne ? "one/" : "other/") + FileTemplate.DEFAULT.text());
                case BASE64 -> NODES.textNode(isOne ? "AAAA" : "AAAB");
                case OBJECT -> NODES.objectNode().put("is", isOne);
            };
            case Number(long min, long max) -> NODES.numberNode(isOne ? max : min);
            case OneOf(List<String> words) -> NODES.textNode(isOne ? words.getFirst() : words.getLast());
            case ListOf(Shape item, int _, int _) -> NODES.arrayNode().add(value(item, pick, variant));
            case MapOf(Shape item, int _) -> NODES.objectNode().set(isOne ? "one" : "other", value(item, pick, variant));
            case Group(List<Setting> settings) -> changed(object(settings, variant), settings, pick);
            case Variants variants -> {
                ObjectNode object = variant(variants, isOne ? variant : variant + 1);
                List<Setting> settings = variants.find(object.path(variants.named().getFirst()).asText()).orElseThrow().settings();
                yield changed(object, settings, pick);
            }
            case TextOr(Variants variants) -> isOne ? variant(variants, variant) : NODES.textNode("other");
        };
    }

    /// With another value for the first property that has an effect.
    private static ObjectNode changed(ObjectNode object, List<Setting> settings, Pick pick) {
        if (pick == Pick.OTHER) {
            settings.stream().filter(setting -> setting.use() == Setting.Use.NEEDED || setting.use() == Setting.Use.USED).findFirst()
                    .ifPresent(setting -> object.set(setting.name(), value(setting.shape(), pick, 0)));
        }
        return object;
    }

    private static JsonNode wrong(Shape shape) {
        return switch (shape) {
            case Kind kind when kind == Kind.OBJECT -> NODES.textNode("no object");
            case Kind _, Number _, OneOf _, ListOf _, TextOr _ -> NODES.objectNode().put("surely", "wrong");
            case MapOf _, Group _, Variants _ -> NODES.arrayNode().add(1);
        };
    }

    private static List<Leaf> leaves(JsonNode object, List<Setting> settings, String pointer) {
        List<Leaf> leaves = new ArrayList<>();
        for (Setting setting : settings) {
            String at = pointer + "/" + setting.name();
            leaves.add(new Leaf(at, setting));
            leaves.addAll(inner(object.path(setting.name()), setting.shape(), at));
        }
        return leaves;
    }

    private static List<Leaf> inner(JsonNode value, Shape shape, String pointer) {
        return switch (shape) {
            case Kind _, Number _, OneOf _ -> List.of();
            case ListOf(Shape item, int _, int _) -> inner(value.path(0), item, pointer + "/0");
            case MapOf(Shape item, int _) -> inner(value.path("one"), item, pointer + "/one");
            case Group(List<Setting> settings) -> leaves(value, settings, pointer);
            case Variants variants -> leaves(value, variants.find(value.path(variants.named().getFirst()).asText()).orElseThrow().settings(), pointer);
            case TextOr(Variants variants) -> leaves(value, variants.find(value.path("type").asText()).orElseThrow().settings(), pointer);
        };
    }

    private static ObjectNode with(ObjectNode sample, String pointer, JsonNode value) {
        ObjectNode changed = sample.deepCopy();
        int last = pointer.lastIndexOf('/');
        switch (changed.at(pointer.substring(0, last))) {
            case ArrayNode list -> list.set(Integer.parseInt(pointer.substring(last + 1)), value);
            case ObjectNode object -> object.set(pointer.substring(last + 1), value);
            default -> throw new AssertionError(pointer);
        }
        return changed;
    }

    private static ObjectNode without(ObjectNode sample, String pointer) {
        ObjectNode changed = sample.deepCopy();
        int last = pointer.lastIndexOf('/');
        ((ObjectNode) changed.at(pointer.substring(0, last))).remove(pointer.substring(last + 1));
        return changed;
    }
}
