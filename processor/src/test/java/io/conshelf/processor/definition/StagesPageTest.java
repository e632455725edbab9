package io.conshelf.processor.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.definition.Shape.Group;
import io.conshelf.processor.definition.Shape.Kind;
import io.conshelf.processor.definition.Shape.ListOf;
import io.conshelf.processor.definition.Shape.MapOf;
import io.conshelf.processor.definition.Shape.Number;
import io.conshelf.processor.definition.Shape.OneOf;
import io.conshelf.processor.definition.Shape.TextOr;
import io.conshelf.processor.definition.Shape.Variant;
import io.conshelf.processor.definition.Shape.Variants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The page of stages lists the properties that are declared. `-Dspec.complete=true` writes them into it.
class StagesPageTest {
    private static final Path PAGE = Path.of("../docs/data-processor-stages.md");
    private static final String MARK = "<!-- properties -->\n";

    @Test
    void thePageListsWhatIsDeclared() throws IOException {
        String page = Files.readString(PAGE);
        String expected = page.substring(0, page.indexOf(MARK) + MARK.length()) + listed();
        if (Boolean.getBoolean("spec.complete")) {
            Files.writeString(PAGE, expected);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(expected);
    }

    private static String listed() {
        StringBuilder text = new StringBuilder();
        for (StageType type : StageTypes.all()) {
            text.append("\n### ").append(type.title()).append(" `").append(type.type()).append("`\n\n");
            type.aliases().forEach(alias -> text.append("Also spelled `").append(alias).append("`.\n\n"));
            if (type.isBuilt()) {
                table(text, type.settings());
            } else {
                text.append("Refused: ").append(type.refusal()).append(".\n");
            }
        }
        text.append("\n### Dataset\n\n");
        table(text, StageTypes.DATASET_SETTINGS);
        return text.toString();
    }

    private static void table(StringBuilder text, List<Setting> settings) {
        text.append("| property | what it is | unless stated |\n|---|---|---|\n");
        rows(text, settings, "");
    }

    private static void rows(StringBuilder text, List<Setting> settings, String prefix) {
        for (Setting setting : settings) {
            String name = prefix + setting.name();
            String otherwise = switch (setting.use()) {
                case NEEDED -> "needed";
                case USED -> setting.otherwise().isEmpty() || setting.otherwise().equals("{}") ? "–" : "`" + setting.otherwise().replace("|", "\\|") + "`";
                case NO_EFFECT -> "no effect";
                case REFUSED -> "refused";
            };
            String aliases = setting.aliases().isEmpty() ? "" : ", also `" + String.join("`, `", setting.aliases()) + "`";
            text.append("| `").append(name).append('`').append(aliases).append(" | ").append(setting.note()).append(kind(setting.shape())).append(" | ").append(otherwise).append(" |\n");
            if (!(name.endsWith("format") || name.endsWith("body"))) {
                inner(text, setting.shape(), name);
            }
        }
    }

    private static String kind(Shape shape) {
        return switch (shape) {
            case Number(long min, long max) -> max == Integer.MAX_VALUE ? "; " + min + " or more" : "; " + min + " to " + max;
            case OneOf(List<String> words) -> ": " + words.stream().map(word -> "`" + word + "`").collect(Collectors.joining(", "));
            case Variants variants -> ": " + types(variants);
            case TextOr(Variants variants) -> ": a text, or " + types(variants);
            case ListOf(Variants variants, int _, int max) -> ", at most " + max + ": " + types(variants);
            case MapOf(Shape _, int max) -> ", at most " + max + ", by their names";
            case Kind _, ListOf _, Group _ -> "";
        };
    }

    private static String types(Variants variants) {
        return variants.variants().stream().filter(variant -> variant.refusal().isEmpty()).map(variant -> "`" + variant.type() + "`" + members(variant)).collect(Collectors.joining(", "));
    }

    private static String members(Variant variant) {
        List<String> names = variant.settings().stream().filter(setting -> setting.use() != Setting.Use.NO_EFFECT).map(Setting::name).toList();
        return names.isEmpty() ? "" : " (" + String.join(", ", names) + ")";
    }

    private static void inner(StringBuilder text, Shape shape, String name) {
        switch (shape) {
            case Group(List<Setting> settings) -> rows(text, settings, name + ".");
            case ListOf(Group(List<Setting> settings), int _, int _) -> rows(text, settings, name + "[].");
            case MapOf(Group(List<Setting> settings), int _) -> rows(text, settings, name + ".*.");
            case Kind _, Number _, OneOf _, ListOf _, MapOf _, Variants _, TextOr _ -> {}
        }
    }
}
