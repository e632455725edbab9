package io.conshelf.factory.activity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.copy.Catalogue;
import io.conshelf.factory.copy.Catalogue.Kind;
import io.conshelf.factory.copy.CopyParts;
import io.conshelf.factory.copy.Declaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Nothing is accepted and then ignored: what has no effect, or is refused, says why.
class DeclarationsTest {
    private static Map<String, List<Property>> declarations() {
        Map<String, List<Property>> all = new TreeMap<>();
        ActivityTypes.all().forEach(type -> all.put(type.name(), type.properties()));
        for (Kind kind : Kind.values()) {
            Catalogue.all(kind).forEach(part -> walk(kind + " " + part.type(), part, all));
        }
        CopyParts.all().forEach(part -> walk("inside a Copy: " + part.type(), part, all));
        return all;
    }

    private static void walk(String name, Declaration part, Map<String, List<Property>> all) {
        all.put(name, part.properties());
        part.inner().forEach((property, inner) -> walk(name + "." + property, inner, all));
    }

    @Test
    void whatIsNotActedOnSaysWhy() {
        assertThat(declarations()).allSatisfy((type, properties) -> assertThat(properties)
                .filteredOn(property -> property.treatment() == Treatment.NO_EFFECT || property.treatment() == Treatment.REFUSED)
                .allSatisfy(property -> assertThat(property.note()).as("%s.%s", type, property.name()).isNotBlank()));
    }

    @Test
    void aPropertyIsDeclaredOnce() {
        assertThat(declarations()).allSatisfy((type, properties) -> assertThat(properties.stream().map(p -> p.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toList())).as(type).doesNotHaveDuplicates());
    }

    @Test
    void whatIsOfOneKindTakesNoOther() {
        assertThat(declarations()).allSatisfy((type, properties) -> assertThat(properties)
                .filteredOn(property -> property.kind() != ValueKind.ANY).allSatisfy(property -> {
                    for (JsonNode wrong : List.of(TextNode.valueOf("neither one nor the other"), JsonNodeFactory.instance.objectNode().put("a", 1))) {
                        List<Problem> problems = new ArrayList<>();
                        property.check(new Located("f", "p", wrong), problems::add);
                        assertThat(problems).as("%s.%s: %s", type, property.name(), wrong).hasSize(1);
                    }
                    List<Problem> problems = new ArrayList<>();
                    property.check(new Located("f", "p", TextNode.valueOf("@pipeline().parameters.x")), problems::add);
                    assertThat(problems).as("%s.%s", type, property.name()).isEmpty();
                }));
    }

    @Test
    void flagsAndNumbersAreDeclaredAsSuch() {
        List<String> kinds = List.of("recursive", "enablePartitionDiscovery", "deleteFilesAfterCompletion", "maxConcurrentConnections", "sourceRetryCount",
                "sourceRetryWait", "sinkRetryCount", "sinkRetryWait", "additionalColumns", "copyBehavior", "quoteAllText", "maxRowsPerFile", "blockSizeInMB", "modifiedDatetimeStart", "modifiedDatetimeEnd");
        for (Kind kind : List.of(Kind.SETTINGS, Kind.SOURCE, Kind.SINK)) {
            assertThat(Catalogue.all(kind)).allSatisfy(part -> assertThat(part.properties())
                    .filteredOn(property -> kinds.contains(property.name()) && property.treatment() == Treatment.IMPLEMENTED)
                    .allSatisfy(property -> assertThat(property.kind()).as("%s.%s", part.type(), property.name()).isNotEqualTo(ValueKind.ANY)));
        }
    }

    @Test
    void whatIsNotSupportedSaysWhyAndWhatIsHasItsPlaceInTheDocumentation() throws IOException {
        String page = Files.readString(Path.of(System.getProperty("conshelf.home", "..")).resolve("docs/data-factory.md"));
        for (Kind kind : Kind.values()) {
            assertThat(Catalogue.all(kind)).allSatisfy(declaration -> {
                assertThat(declaration.refusal().orElse("supported")).as(declaration.type()).isNotBlank();
                if (declaration.isSupported()) {
                    assertThat(page).as("docs/data-factory.md").contains("`" + declaration.type() + "`");
                }
            });
        }
    }
}
