package io.conshelf.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandSyntax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The page of commands is written from the declarations; `-Dspec.complete` writes it anew.
class CommandReferenceTest {
    private static final int LENGTH_MAX = 140;
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
        assertThat(CommandRegistry.standard().entries().keySet())
                .allSatisfy(name -> assertThat(CommandCatalogue.service().named(name)).isPresent());
    }

    private static String page() {
        var registry = CommandRegistry.standard();
        var all = CommandCatalogue.service().all();
        var built = all.stream()
                .filter(c -> registry.find(c.name()).isPresent())
                .sorted(Comparator.comparing(CommandReferenceTest::begin))
                .toList();
        return """
                # Management commands

                %d of the service's %d management commands are built. The others are recognised and refused under their name.
                This page is written from the declarations (`commands.txt` and the handlers' registrations).

                The result of `.show` commands may be piped into query operators: `.show tables | count`. A command with
                `async` answers with an operation's id; `.show operations` tells of the last 5000 commands since the start of
                the cluster, and `.show operation <id> details` what an asynchronous one answered.

                ## Policies

                | policy | what comes of it |
                |---|---|
                %s

                ## All commands

                | command | name | who may, as documented |
                |---|---|---|
                %s
                """.formatted(
                        built.size(), all.size(),
                        PolicyFamilies.ALL.stream()
                                .map(p -> "| " + p.kind().kustoName() + " | " + p.effect() + " |")
                                .sorted()
                                .collect(Collectors.joining("\n")),
                        built.stream().map(CommandReferenceTest::row).collect(Collectors.joining("\n")));
    }

    private static String row(CommandSyntax command) {
        return "| `" + begin(command) + "` | " + command.name() + " | " + command.role().replace("|", "or") + " |";
    }

    /// The grammar without its property list and quotes, arguments by name.
    private static String begin(CommandSyntax command) {
        var text = command.notation()
                .replaceAll("\\[with '\\(' \\{.*?\\}\\+ '\\)'\\]", "[with (…)]")
                .replaceAll("with '\\(' \\{.*?\\}\\+ '\\)'", "with (…)")
                .replaceAll("([A-Za-z]+)=<[a-z_]+>", "<$1>")
                .replaceAll("[A-Za-z]+=\\(([^()]*)\\)", "($1)")
                .replaceAll("\\{ ?([^{}]*?), ',' ?\\}\\+?", "$1, …")
                .replace("'", "")
                .replace("|", "\\|");
        return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + " …";
    }
}
