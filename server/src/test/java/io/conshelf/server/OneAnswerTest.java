package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// A request has the answer that began first, and no other.
class OneAnswerTest {
    private static final byte[] REFUSAL = "HTTP/1.1 408 ".getBytes(StandardCharsets.US_ASCII);

    private final StringBuilder sent = new StringBuilder();
    private final OneAnswer answer = new OneAnswer(new DataWriter() {
        @Override
        public void write(BufferData... buffers) {
            write(BufferData.create(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            sent.append(new String(buffer.readBytes(), StandardCharsets.US_ASCII));
        }

        @Override
        public void writeNow(BufferData... buffers) {
            write(buffers);
        }

        @Override
        public void writeNow(BufferData buffer) {
            write(buffer);
        }
    });

    private static BufferData text(String text) {
        return BufferData.create(text);
    }

    @Test
    void whoHasHalfOfAnAnswerIsNotRefusedInItsMidst() {
        answer.writeNow(text("HTTP/1.1 200 OK"), text("half"));
        assertThat(answer.refuse(REFUSAL)).isFalse();
        answer.write(text("whole"));
        assertThat(sent).hasToString("HTTP/1.1 200 OKhalfwhole");
    }

    @Test
    void whoIsRefusedGetsNothingElse() {
        assertThat(answer.refuse(REFUSAL)).isTrue();
        assertThatThrownBy(() -> answer.writeNow(text("HTTP/1.1 200 OK"))).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> answer.write(text("HTTP/1.1 100 Continue\r\n\r\n"))).isInstanceOf(UncheckedIOException.class);
        answer.next();
        assertThat(answer.refuse(REFUSAL)).isFalse();
        assertThat(sent).hasToString("HTTP/1.1 408 ");
    }

    @Test
    void theLeaveToSendABodyIsNoAnswer() {
        answer.writeNow(text("HTTP/1.1 100 Continue\r\n\r\n"));
        assertThat(answer.refuse(REFUSAL)).isTrue();
    }

    @Test
    void eachRequestHasItsOwn() {
        answer.write(text("HTTP/1.1 200 OK"));
        answer.next();
        assertThat(answer.refuse(REFUSAL)).isTrue();
    }
}
