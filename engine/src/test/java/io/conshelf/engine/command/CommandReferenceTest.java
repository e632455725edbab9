package io.conshelf.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandSyntax;
import io.conshelf.kql.command.CommandSyntax.Answerer;
import io.conshelf.kql.command.CommandSyntax.Priority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The page of commands is written from the declarations; `-Dspec.complete` writes it anew.
class CommandReferenceTest {
    private static final int LENGTH_MAX = 140;
    private static final CommandRegistry REGISTRY = CommandRegistry.standard();
    private static final Path PAGE = Path.of("../docs/commands.md");

    @Test
    void thePageTellsWhatIsBuilt() throws IOException {
        if (System.getProperty("spec.complete") != null) {
            Files.writeString(PAGE, page());
        }
        assertThat(Files.readString(PAGE)).as("run ./conshelf test engine --complete to write it anew").isEqualTo(page());
    }

    @Test
    void everyHandlerIsOfADeclaredCommand() {
        assertThat(REGISTRY.entries().keySet())
                .allSatisfy(name -> assertThat(CommandCatalogue.service().named(name)).isPresent());
    }

    @Test
    void noCommandIsBothBuiltAndRefused() {
        assertThat(CommandCatalogue.service().all())
                .as("a command that is built is taken out of refused.txt")
                .noneMatch(c -> c.refusal().isPresent() && REGISTRY.find(c.name()).isPresent());
    }

    @Test
    void everyCommandIsBuiltOrRefusedWithAReason() {
        assertThat(CommandCatalogue.service().all())
                .as("a command without a handler stands in refused.txt, below the reason")
                .allMatch(c -> c.refusal().isPresent() || isBuilt(c));
    }

    private static boolean isBuilt(CommandSyntax command) {
        return REGISTRY.find(command.name()).isPresent()
                || command.answerer() == Answerer.DATA_MANAGEMENT && command.refusal().isEmpty();
    }

    private static String page() {
        var all = CommandCatalogue.service().all();
        var built = sorted(all.stream().filter(CommandReferenceTest::isBuilt));
        var refused = sorted(all.stream().filter(c -> !isBuilt(c) && c.priority() != Priority.P2));
        var internal = all.stream()
                .filter(c -> !isBuilt(c) && c.priority() == Priority.P2)
                .collect(Collectors.groupingBy(
                        c -> c.refusal().orElse(""), LinkedHashMap::new,
                        Collectors.mapping(c -> "`" + c.name() + "`", Collectors.joining(", "))));
        return """
                # Management commands

                %d of the service's %d management commands are built, among them %d of the %d that its documentation tells of
                (P0 and P1). The others are recognised and refused under their name, with the reason below. This page is
                written from the declarations (`commands.txt`, `refused.txt` and the handlers' registrations).

                The result of `.show` commands may be piped into query operators: `.show tables | count`. A command with
                `async` answers with an operation's id; `.show operations` tells of the commands of the last two weeks, also
                of those before a restart, and `.show operation <id> details` what an asynchronous one answered
                (see [operations.md](operations.md)).

                ## Policies

                | policy | what comes of it |
                |---|---|
                %s

                ## Commands that are built

                | command | name | who may, as documented |
                |---|---|---|
                %s

                ## Documented commands that are refused

                | command | name | why |
                |---|---|---|
                %s

                ## Commands of the service's own that are refused

                | why | names |
                |---|---|
                %s
                """.formatted(
                        built.size(), all.size(),
                        built.stream().filter(c -> c.priority() != Priority.P2).count(),
                        all.stream().filter(c -> c.priority() != Priority.P2).count(),
                        PolicyFamilies.ALL.stream()
                                .map(p -> "| " + p.kind().kustoName() + " | " + p.effect() + " |")
                                .sorted()
                                .collect(Collectors.joining("\n")),
                        built.stream().map(c -> row(c, c.role())).collect(Collectors.joining("\n")),
                        refused.stream().map(c -> row(c, c.refusal().orElse(""))).collect(Collectors.joining("\n")),
                        internal.entrySet().stream()
                                .map(e -> "| " + e.getKey() + " | " + e.getValue() + " |")
                                .collect(Collectors.joining("\n")));
    }

    private static List<CommandSyntax> sorted(Stream<CommandSyntax> commands) {
        return commands.sorted(Comparator.comparing(CommandReferenceTest::begin)).toList();
    }

    private static String row(CommandSyntax command, String last) {
        return "| `" + begin(command) + "` | " + command.name() + " | " + last.replace("|", "or") + " |";
    }

    /// The grammar without its property list and quotes, arguments by name.
    private static String begin(CommandSyntax command) {
        var text = command.notation()
                .replaceAll("\\[with '\\(' \\{.*?\\}\\+ (\\[','\\] )?'\\)'\\]", "[with (…)]")
                .replaceAll("with '\\(' \\{.*?\\}\\+ '\\)'", "with (…)")
                .replaceAll("([A-Za-z]+)=<[a-z_]+>", "<$1>")
                .replaceAll("[A-Za-z]+=\\(([^()]*)\\)", "($1)")
                .replaceAll("\\{ ?([^{}]*?), ',' ?\\}\\+?", "$1, …")
                .replace("'", "")
                .replace("|", "\\|");
        return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + " …";
    }
}
