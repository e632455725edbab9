package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.WebCalls;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What one request and all together may take of others by plugins that call servers.
class CallsOfARequestTest extends OnAnEngine {
    private static final long MEGABYTE = 1 << 20;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile long comes;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")), ExternalStorage.NONE, (call, _) -> {
            asked.add(call.uri().toString());
            call.coming().accept(comes);
            String body = "{\"n" + asked.size() + "\":" + asked.size() + "}";
            return new WebCalls.Answer(200, Map.of("Content-Type", List.of("application/json")), body.getBytes(StandardCharsets.UTF_8));
        });
        run(".alter cluster policy callout @'[{\"CalloutType\":\"webapi\",\"CalloutUriRegex\":\"localhost\",\"CanCall\":true}]'");
    }

    private static String calls(int count) {
        return IntStream.range(0, count).mapToObj(i -> "(evaluate http_request('https://localhost/" + i + "'))").collect(Collectors.joining(", ", "union ", " | count"));
    }

    @Test
    void whatALookWasToldIsWhatTheQueryReads() {
        assertThat(run("evaluate http_request_post('https://localhost/once') | project ResponseBody | evaluate bag_unpack(ResponseBody)")).containsExactly("1");
        assertThat(asked).hasSize(1);
        assertThat(run("evaluate http_request('https://localhost/x') | project k = tostring(bag_keys(ResponseBody)[0]) | evaluate pivot(k)")).containsExactly("1");
        assertThat(asked).hasSize(2);
    }

    @Test
    void whatOnlyARequestSaysIsRefusedBeforeAnybodyIsAsked() {
        assertThatThrownBy(() -> run("set request_readonly_hardline = false; evaluate http_request('https://localhost/x') | project ResponseBody | evaluate bag_unpack(ResponseBody)"))
                .hasMessageContaining("'set' statement");
        assertThat(asked).isEmpty();
    }

    @Test
    void answersOfARequestAreHeldWithinALimit() {
        comes = 16 * MEGABYTE;
        assertThat(run(calls(1))).containsExactly("1");
        assertThatThrownBy(() -> run(calls(90))).isInstanceOf(KustoException.class).hasMessageContaining("together");
        assertThat(run(calls(1))).as("what was taken is given back").containsExactly("1");
    }

    @Test
    void aRequestCallsSoManyServers() {
        assertThat(run(calls(100))).containsExactly("100");
        assertThatThrownBy(() -> run(calls(101))).hasMessageContaining("at most 100 servers");
    }

    @Test
    void allRequestsShareWhatAnswersMayTake() {
        var limits = new CalloutLimits(1_024 * MEGABYTE, Long.MAX_VALUE);
        var requests = IntStream.range(0, 5).mapToObj(_ -> limits.new OfRequest()).toList();
        requests.subList(0, 4).forEach(request -> request.take(16 * MEGABYTE));
        assertThatThrownBy(() -> requests.getFirst().take(1)).hasMessageContaining("at most 16 MB together");
        assertThatThrownBy(() -> requests.getLast().take(1)).hasMessageContaining("64 MB at this moment");
        requests.getFirst().close();
        assertThatCode(() -> requests.getLast().take(16 * MEGABYTE)).doesNotThrowAnyException();
        assertThatThrownBy(() -> requests.getFirst().take(1)).hasMessageContaining("has ended");
        requests.getLast().giveBack(16 * MEGABYTE);
        assertThatCode(() -> requests.getLast().take(16 * MEGABYTE)).doesNotThrowAnyException();
    }

    @Test
    void filesAreCountedToo() {
        run(".alter-merge cluster policy callout @'[{\"CalloutType\":\"external_data\",\"CalloutUriRegex\":\"127\",\"CanCall\":true}]'");
        String uris = IntStream.range(0, 1_001).mapToObj(i -> "'http://127.0.0.1:9/" + i + ".csv'").collect(Collectors.joining(", "));
        assertThatThrownBy(() -> run("externaldata(a:long)[" + uris + "]")).hasMessageContaining("at most 1000 files");
    }
}
