package io.conshelf.cli.bench.jobs;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/// The same jobs as somebody writes them by hand for Flink: classes with the fields that are needed, Flink's own windows, joins and states.
final class HandWrittenJobs {
    private final ReadingFiles files;
    private final int parallelism;

    HandWrittenJobs(ReadingFiles files, int parallelism) {
        this.files = files;
        this.parallelism = parallelism;
    }

    public static final class Reading {
        public String deviceId;
        public String time;
        public double temperature;
        public long humidity;
        public String status;
    }

    public static final class Command {
        public String deviceId;
        public String time;
        public String command;
    }

    public static final class Warm {
        public String deviceId;
        public String time;
        public double temperature;
    }

    public static final class Mean {
        public String deviceId;
        public double mean;
        public long n;
        public String windowEnd;
    }

    public static final class Commanded {
        public String deviceId;
        public String command;
        public double temperature;
        public String time;
    }

    public static final class Change {
        public String deviceId;
        public String time;
        public double temperature;
        public Double before;
    }

    void run(Query query) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(parallelism);
        environment.getConfig().enableObjectReuse();
        DataStream<?> rows = switch (query) {
            case PASS_THROUGH -> readings(environment, 0);
            case FILTER -> readings(environment, 0).filter(reading -> reading.temperature > 30 && reading.status.equals("ok")).map(HandWrittenJobs::warm)
                    .returns(Warm.class);
            // windows of the service hold their end and not their start: so do these, a millisecond earlier
            case TUMBLING_AVERAGE -> readings(environment, 1).keyBy(reading -> reading.deviceId)
                    .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10))).aggregate(new Average(), new WithWindow());
            case TEMPORAL_JOIN -> commands(environment).keyBy(command -> command.deviceId)
                    .intervalJoin(readings(environment, 0).keyBy(reading -> reading.deviceId)).between(Duration.ZERO, Duration.ofSeconds(5))
                    .process(new Joined());
            case LAG -> readings(environment, 0).keyBy(reading -> reading.deviceId).process(new Before());
        };
        rows.sinkTo(new CountingSink<>()).name("output");
        environment.execute(query.title());
    }

    private DataStream<Reading> readings(StreamExecutionEnvironment environment, long earlierMs) {
        return environment.fromSource(new LineSource(files.readings()), WatermarkStrategy.noWatermarks(), "readings")
                .map(new FromJson<>(Reading.class)).returns(Reading.class).assignTimestampsAndWatermarks(
                        WatermarkStrategy.<Reading>forMonotonousTimestamps().withTimestampAssigner((reading, _) -> Instant.parse(reading.time).toEpochMilli() - earlierMs));
    }

    private DataStream<Command> commands(StreamExecutionEnvironment environment) {
        return environment.fromSource(new LineSource(files.commands()), WatermarkStrategy.noWatermarks(), "commands")
                .map(new FromJson<>(Command.class)).returns(Command.class).assignTimestampsAndWatermarks(
                        WatermarkStrategy.<Command>forMonotonousTimestamps().withTimestampAssigner((command, _) -> Instant.parse(command.time).toEpochMilli()));
    }

    private static Warm warm(Reading reading) {
        Warm warm = new Warm();
        warm.deviceId = reading.deviceId;
        warm.time = reading.time;
        warm.temperature = reading.temperature;
        return warm;
    }

    private static final class FromJson<T> extends RichMapFunction<byte[], T> {
        private final Class<T> type;
        private transient ObjectReader reader;

        FromJson(Class<T> type) {
            this.type = type;
        }

        @Override
        public void open(OpenContext context) {
            reader = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build().readerFor(type);
        }

        @Override
        public T map(byte[] line) throws Exception {
            return reader.readValue(line);
        }
    }

    public static final class Sum implements Serializable {
        public double total;
        public long count;
    }

    private static final class Average implements AggregateFunction<Reading, Sum, Sum> {
        @Override
        public Sum createAccumulator() {
            return new Sum();
        }

        @Override
        public Sum add(Reading reading, Sum sum) {
            sum.total += reading.temperature;
            sum.count++;
            return sum;
        }

        @Override
        public Sum getResult(Sum sum) {
            return sum;
        }

        @Override
        public Sum merge(Sum one, Sum other) {
            one.total += other.total;
            one.count += other.count;
            return one;
        }
    }

    private static final class WithWindow extends ProcessWindowFunction<Sum, Mean, String, TimeWindow> {
        @Override
        public void process(String deviceId, Context context, Iterable<Sum> sums, Collector<Mean> out) {
            Sum sum = sums.iterator().next();
            Mean mean = new Mean();
            mean.deviceId = deviceId;
            mean.mean = sum.total / sum.count;
            mean.n = sum.count;
            mean.windowEnd = Instant.ofEpochMilli(context.window().getEnd()).toString();
            out.collect(mean);
        }
    }

    private static final class Joined extends ProcessJoinFunction<Command, Reading, Commanded> {
        @Override
        public void processElement(Command command, Reading reading, Context context, Collector<Commanded> out) {
            Commanded commanded = new Commanded();
            commanded.deviceId = command.deviceId;
            commanded.command = command.command;
            commanded.temperature = reading.temperature;
            commanded.time = reading.time;
            out.collect(commanded);
        }
    }

    /// Events of a device come in order, as they are in one partition.
    private static final class Before extends KeyedProcessFunction<String, Reading, Change> {
        private static final long LIMIT_MS = Duration.ofMinutes(10).toMillis();

        public static final class Last implements Serializable {
            public double temperature;
            public long time;
        }

        private transient ValueState<Last> last;

        @Override
        public void open(OpenContext context) {
            last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", Last.class));
        }

        @Override
        public void processElement(Reading reading, Context context, Collector<Change> out) throws Exception {
            Last before = last.value();
            Change change = new Change();
            change.deviceId = reading.deviceId;
            change.time = reading.time;
            change.temperature = reading.temperature;
            change.before = before != null && context.timestamp() - before.time <= LIMIT_MS ? before.temperature : null;
            out.collect(change);
            Last now = new Last();
            now.temperature = reading.temperature;
            now.time = context.timestamp();
            last.update(now);
        }
    }
}
