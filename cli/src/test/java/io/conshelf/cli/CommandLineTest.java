package io.conshelf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.AutoComplete;

/// What the command line says of itself, and of what is wrong with it.
class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(arguments);
    }

    private String wrong(String... arguments) {
        err.getBuffer().setLength(0);
        assertThat(run(arguments)).as(String.join(" ", arguments)).isEqualTo(2);
        return err.toString();
    }

    @Test
    void helpIsACommandToo() {
        assertThat(run("help")).isZero();
        assertThat(out.toString()).contains("conshelf [-hV] COMMAND", "query", "pipeline", "test", "help").doesNotContain("train");
        assertThat(run("help", "query")).isZero();
        assertThat(out.toString()).contains("Usage: conshelf query", "--json");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void whatIsNotThereIsToldWithWhatWasLikelyMeant() {
        assertThat(wrong("nope")).startsWith("conshelf: there is no command 'conshelf nope'; there are app, backup, bench,").contains("See: conshelf --help")
                .doesNotContain("Did you mean", "train");
        assertThat(wrong("qurey", "print 1")).startsWith("conshelf: there is no command 'conshelf qurey'; did you mean 'conshelf query'?");
        assertThat(wrong("pipeline", "validte")).contains("there is no command 'conshelf pipeline validte'; did you mean 'conshelf pipeline validate'?");
        assertThat(wrong("query", "--josn", "print 1")).startsWith("conshelf: 'conshelf query' has no option '--josn'; did you mean '--json'?")
                .contains("See: conshelf query --help");
        assertThat(wrong("query", "--formal=csv", "print 1")).contains("has no option '--formal'; did you mean '--format'?");
        assertThat(wrong("up", "here")).startsWith("conshelf: 'conshelf up' takes no further argument, found 'here'");
        assertThat(wrong("query")).contains("[FILE…] KQL", "Usage: conshelf query");
        assertThat(wrong()).contains("say what to do");
    }

    @Test
    void aFormatIsSaidOnce() {
        assertThat(wrong("query", "--json", "--format", "csv", "print 1")).contains("--json", "--format", "mutually exclusive");
    }

    @Test
    void everyCommandIsCompleted() throws Exception {
        String script = AutoComplete.bash("conshelf", Main.commandLine());
        assertThat(script).contains("--json", "--format", "help", "generate-completion").doesNotContain("train");
        for (String command : List.of("up", "query", "pipeline", "stream", "processor", "test", "backup", "restore", "app", "user", "cert")) {
            assertThat(script).containsPattern("function _picocli_conshelf_" + command + "\\(");
        }
        for (String module : new TestCommand.Modules()) {
            assertThat(module.equals("clients") || Files.exists(Path.of("..", module, "pom.xml"))).as(module).isTrue();
        }
    }
}
