package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import io.conshelf.engine.LocalCalls;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Commands of those who are known by name, which name what listens on the machine of the cluster: it is not called unless the cluster's
/// administrators, or the configuration, say so.
class LocalCallsTest extends OnAnEngine {
    private static final String KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private LocalWeb web;

    @BeforeEach
    void open() throws IOException {
        web = new LocalWeb();
        web.file("/a.csv", "1,x\n2,y\n");
    }

    @AfterEach
    void stop() {
        web.close();
    }

    private void engine(LocalCalls calls) {
        engine = Engine.open(new EngineConfig(
                Optional.empty(), folder.resolve("staging"), List.of(), List.of("Db"), Limits.ofThisMachine(), InstantSource.system()).withLocalCalls(calls));
        run(".create table T (a:long, b:string)");
    }

    /// Each way for a command to call a server that its text names.
    private List<String> commands(String server) {
        String place = server + "/account/container";
        String sql = server.replace("http://", "");
        String host = sql.substring(0, sql.lastIndexOf(':'));
        String port = sql.substring(sql.lastIndexOf(':') + 1);
        String postgres = "Host=" + host + ";Port=" + port + ";Database=d;User ID=u;Password=p;Timeout=2";
        return List.of(".ingest into table T (h'" + server + "/a.csv')", ".ingest into table T (h'" + place + "/a.csv?sig=x')", ".ingest into table T (h'" + place + "/a.csv;" + KEY + "')",
                ".export to csv (h'" + place + ";" + KEY + "') <| print a = 1", ".export to csv (h'" + place + "?sp=rwl&sig=x') <| print a = 1",
                ".export to sql ['dbo.T'] h@'" + postgres + "' with (sqldialect='PostgreSQL') <| print a = 1");
    }

    @Test
    void nothingOfTheMachineIsCalledWithoutAnEntryThatSaysYes() {
        engine(LocalCalls.byPolicy(Set.of("127.0.0.1:1", "somewhere.example")));
        for (String server : List.of(web.uri(""), web.uri("").replace("127.0.0.1", "localhost"), web.uri("").replace("127.0.0.1", "127.1.2.3"), web.uri("").replace("127.0.0.1", "[::1]"))) {
            for (String command : commands(server)) {
                assertThatThrownBy(() -> run(command)).as(command).hasMessageContainingAll("is on the machine of this cluster", "CanCall=true").hasMessageNotContaining("sig=").hasMessageNotContaining(KEY);
            }
        }
        run(".create external table X (a:long, b:string) kind=storage dataformat=csv (h@'" + web.uri("/account/container") + "?sig=x')");
        assertThatThrownBy(() -> run("external_table('X')")).hasMessageContaining("is on the machine of this cluster");
        assertThatThrownBy(() -> run(".export to table X <| print a = 1, b = 'x'")).hasMessageContaining("is on the machine of this cluster");
        assertThat(web.asked()).isEmpty();
    }

    @Test
    void whatAnEntryOrTheConfigurationNamesIsCalled() {
        String server = web.uri("").replace("http://", "");
        for (LocalCalls calls : List.of(LocalCalls.OPEN, LocalCalls.byPolicy(Set.of(server)), LocalCalls.byPolicy(Set.of("localhost")), LocalCalls.byPolicy(Set.of()))) {
            engine(calls);
            if (calls.permitted().isEmpty() && !calls.isOpen()) {
                run(".alter cluster policy callout ```[{\"CalloutType\":\"external_data\",\"CalloutUriRegex\":\"127\\\\.0\\\\.0\\\\.1\",\"CanCall\":true}]```");
            }
            run(".ingest into table T (h'" + web.uri("/a.csv") + "')");
            assertThat(run("T | count").toString()).contains("2");
            engine.close();
        }
        assertThat(web.asked()).hasSize(4);
        engine(LocalCalls.OPEN);
    }

    @Test
    void anAddressOfIpv6MayStandWithoutItsBracketsInTheList() {
        engine(LocalCalls.OPEN);
        assertThat(LocalCalls.byPolicy(Set.of("::1")).permits("[::1]", 80)).isTrue();
        assertThat(LocalCalls.byPolicy(Set.of("[::1]:80")).permits("[::1]", 80)).isTrue();
        assertThat(LocalCalls.byPolicy(Set.of("[::1]:81")).permits("[::1]", 80)).isFalse();
    }
}
