package io.conshelf.streams.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.Surroundings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// A job that is changed or deleted while it starts.
class StartingJobTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String JOB = "/subscriptions/s/resourceGroups/lab/providers/Microsoft.StreamAnalytics/streamingjobs/readings";

    /// Starts no earlier than it may, and tells what becomes of the job.
    private static final class SlowLauncher implements JobLauncher {
        @Override
        public List<String> differences(ReadyJob job, String identity) {
            return List.of();
        }

        private final List<String> started = new CopyOnWriteArrayList<>();
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch allowed = new CountDownLatch(1);
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final List<String> forgotten = new ArrayList<>();

        @Override
        public RunningJob start(String name, ReadyJob job, StartMode mode, String identity) throws InterruptedException {
            started.addAll(job.plan().outputs().getFirst().columns());
            asked.countDown();
            allowed.await();
            return new Started(name, cancelled);
        }

        @Override
        public synchronized void forget(String name) {
            forgotten.add(name);
        }

        @Override
        public Surroundings surroundings(String identity) {
            return Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), Path.of(""));
        }

        @Override
        public void tryInput(JobDefinition.Input input, String identity) {
            throw new IllegalStateException("a defect of whatever reads '" + input.name() + "'");
        }

        @Override
        public void tryOutput(JobDefinition.Output output, String identity) {}

        @Override
        public void close() {}
    }

    private record Started(String name, CountDownLatch cancelled) implements RunningJob {
        @Override
        public JobState state() {
            return cancelled.getCount() == 0 ? JobState.STOPPED : JobState.RUNNING;
        }

        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }

        @Override
        public JobMetrics metrics() {
            return JobMetrics.NONE;
        }

        @Override
        public List<Diagnosed> diagnostics() {
            return List.of();
        }

        @Override
        public void stop() {
            cancel();
        }

        @Override
        public void cancel() {
            cancelled.countDown();
        }

        @Override
        public boolean await(Duration limit) throws InterruptedException {
            return cancelled.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static final class NoStore implements ServiceStore {
        @Override
        public void change(List<Change> changes) {}

        @Override
        public Map<String, String> documents(String collection) {
            return Map.of();
        }

        @Override
        public List<String> history(String collection, Instant from, Instant to) {
            return List.of();
        }

        @Override
        public List<String> historyOf(String collection, String parent) {
            return List.of();
        }

        @Override
        public Optional<String> remembered(String collection, String key) {
            return Optional.empty();
        }

        @Override
        public void prune(String collection, Duration kept, int countMax) {}
    }

    private static final class NoIdentities implements Identities {
        @Override
        public JobIdentity identity(String name) {
            return new JobIdentity("", "", "");
        }

        @Override
        public boolean grant(JobIdentity identity, String database, List<String> roles) {
            return false;
        }

        @Override
        public void remove(JobIdentity identity) {}
    }

    private static ManagementAnswer send(StreamService service, String method, String path, String body) {
        return service.answer(new ManagementRequest(method, path, Map.of("api-version", "2020-03-01"), Map.of(), body.getBytes(StandardCharsets.UTF_8),
                "http://localhost"));
    }

    private static void make(StreamService service) {
        ManagementAnswer made = send(service, "PUT", JOB, """
                {"location": "local", "properties": {"compatibilityLevel": "1.2",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "in"}},
                   "serialization": {"type": "Json", "properties": {"encoding": "UTF8"}}}}],
                 "outputs": [{"name": "out", "properties": {"datasource": {"type": "File", "properties": {"path": "out"}}, "serialization": {"type": "Json"}}}],
                 "transformation": {"name": "query", "properties": {"streamingUnits": 1, "query": "SELECT before INTO out FROM [in]"}}}}""");
        assertThat(made.status()).as(made.toString()).isEqualTo(201);
    }

    @Test
    void whatStartsIsTheQueryThatIsThereAlsoWhereItIsReplacedMeanwhile() throws InterruptedException {
        SlowLauncher launcher = new SlowLauncher();
        // the time is looked up when the query has been compiled
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        InstantSource clock = () -> {
            meanwhile.getAndSet(() -> {}).run();
            return Instant.now();
        };
        try (StreamService service = StreamService.open(new NoStore(), clock)) {
            service.started(launcher, new NoIdentities());
            make(service);
            meanwhile.set(() -> assertThat(send(service, "PUT", JOB + "/transformations/query", """
                    {"properties": {"streamingUnits": 1, "query": "SELECT after INTO out FROM [in]"}}""").status()).isLessThan(300));
            assertThat(send(service, "POST", JOB + "/start", "").status()).isEqualTo(202);
            assertThat(launcher.asked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(launcher.started).containsExactly("after");
            launcher.allowed.countDown();
        }
    }

    @Test
    void aTestThatADefectEndsIsAnswered() throws Exception {
        try (StreamService service = StreamService.open(new NoStore(), InstantSource.system())) {
            service.started(new SlowLauncher(), new NoIdentities());
            make(service);
            for (String path : List.of(JOB + "/inputs/in/test", "/subscriptions/s/providers/Microsoft.StreamAnalytics/locations/local/testInput")) {
                ManagementAnswer begun = send(service, "POST", path, path.endsWith("/test") ? "" : """
                        {"input": {"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "in"}},
                         "serialization": {"type": "Json", "properties": {"encoding": "UTF8"}}}}}""");
                assertThat(begun.status()).as(begun.toString()).isEqualTo(202);
                String result = URI.create(begun.headers().get("Location")).getPath();
                Instant end = Instant.now().plus(LIMIT);
                ManagementAnswer answer = send(service, "GET", result, "");
                while (answer.status() == 202 && Instant.now().isBefore(end)) {
                    Thread.onSpinWait();
                    answer = send(service, "GET", result, "");
                }
                assertThat(answer.toString()).contains("TestFailed").contains("a defect of whatever reads 'in'");
            }
        }
    }

    @Test
    void aJobDeletedWhileItStartsEnds() throws InterruptedException {
        SlowLauncher launcher = new SlowLauncher();
        try (StreamService service = StreamService.open(new NoStore(), InstantSource.system())) {
            service.started(launcher, new NoIdentities());
            make(service);
            ManagementAnswer started = send(service, "POST", JOB + "/start", "");
            assertThat(started.status()).as(started.toString()).isEqualTo(202);
            assertThat(launcher.asked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(send(service, "DELETE", JOB, "").status()).isEqualTo(200);
            launcher.allowed.countDown();
            assertThat(launcher.cancelled.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(send(service, "GET", JOB, "").status()).isEqualTo(404);
        }
    }
}
