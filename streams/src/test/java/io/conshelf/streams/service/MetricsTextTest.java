package io.conshelf.streams.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTextTest {
    @Test
    void jobsOfOneNameAreToldApartBySubscriptionAndGroup() {
        assertThat(MetricsText.of(List.of(new MetricsText.OfJob(new JobId("one", "g", "j"), Map.of("Input Events", 1L)),
                new MetricsText.OfJob(new JobId("two", "g", "j"), Map.of("Input Events", 2L)))))
                .contains("stream_analytics_InputEvents{job=\"j\",resource_group=\"g\",subscription=\"one\"} 1\n")
                .contains("stream_analytics_InputEvents{job=\"j\",resource_group=\"g\",subscription=\"two\"} 2\n");
    }
}
