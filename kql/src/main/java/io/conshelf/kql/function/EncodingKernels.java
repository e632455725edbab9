package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.textToText;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.DynamicParts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;

/// Texts in other clothes.
final class EncodingKernels {
    /// What a compressed text may grow to.
    private static final int DECOMPRESSED_MAX = 64 << 20;
    /// Shorter texts are stored as they are, as the pages print them: a table of codes would take more than it saves.
    private static final int STORED_BELOW = 128;
    private static final List<String> UNITS = List.of("Bytes", "KB", "MB", "GB", "TB", "PB", "EB");

    static final List<Kernel> ALL = List.of(
            textToText("kql_base64_encode", text -> base64(text.getBytes(StandardCharsets.UTF_8))),
            textToText("kql_base64_decode", text -> bytes(text).flatMap(EncodingKernels::fromUtf8).orElse("")),
            kernel("kql_base64_decode_array", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row, bytes(in.text(0, row))
                    .map(EncodingKernels::array)), STRING),
            kernel("kql_base64_encode_array", STRING, (in, row, out) -> text(out, row, bytesOf(in.text(0, row))
                    .map(EncodingKernels::base64)), DYNAMIC),
            textToText("kql_base64_encode_guid", text -> base64(HashKernels.guidBytes(UUID.fromString(text)))),
            textToText("kql_base64_decode_guid", text -> bytes(text)
                    .filter(bytes -> bytes.length == 16)
                    .map(bytes -> HashKernels.guidOf(bytes).toString())
                    .orElse("")),
            textToText("kql_url_encode", text -> urlEncode(text, "+")),
            textToText("kql_url_encode_component", text -> urlEncode(text, "%20")),
            textToText("kql_url_decode", EncodingKernels::urlDecode),
            textToText("kql_gzip", text -> compress(text, EncodingKernels::gzip)),
            textToText("kql_gunzip", text -> decompress(text, GZIPInputStream::new)).thatMayFail(),
            textToText("kql_zlib", text -> compress(text, EncodingKernels::zlib)),
            textToText("kql_unzlib", text -> decompress(text, InflaterInputStream::new)).thatMayFail(),
            textToText("kql_punycode", Punycode::encode),
            textToText("kql_unpunycode", text -> Punycode.decode(text).orElse("")),
            textToText("kql_domain_from_punycode", domain -> labels(domain, label -> label.toLowerCase(Locale.ROOT).startsWith("xn--")
                    ? Punycode.decode(label.substring(4)).orElse(label)
                    : label)),
            textToText("kql_domain_to_punycode", domain -> labels(domain, label -> isAscii(label.getBytes(StandardCharsets.UTF_8))
                    ? label
                    : "xn--" + Punycode.encode(label))),
            kernel("kql_format_bytes", STRING,
                    (in, row, out) -> out.text(row, formatBytes(in.float64(0, row), in.int64(1, row), in.text(2, row))),
                    REAL, LONG, STRING));

    private EncodingKernels() {}

    @FunctionalInterface
    private interface Compressor {
        OutputStream over(OutputStream out, int level) throws IOException;
    }

    @FunctionalInterface
    private interface Decompressor {
        InputStream over(InputStream in) throws IOException;
    }

    @FunctionalInterface
    private interface LabelChange {
        String apply(String label);
    }

    private static void text(CellWriter out, int row, Optional<String> value) {
        if (value.isPresent()) {
            out.text(row, value.get());
        } else {
            out.setNull(row);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Optional<byte[]> bytes(String base64) {
        // Java would take a text without its padding, which the page on base64_encode_fromarray() prints as broken.
        if (base64.length() % 4 != 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException broken) {
            return Optional.empty();
        }
    }

    /// Empty where the bytes are no UTF-8: the whole text is given up, not single characters.
    private static Optional<String> fromUtf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException noText) {
            return Optional.empty();
        }
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static String array(byte[] bytes) {
        StringBuilder text = new StringBuilder().append('[');
        for (byte b : bytes) {
            text.append(text.length() > 1 ? "," : "").append(b & 0xFF);
        }
        return text.append(']').toString();
    }

    private static Optional<byte[]> bytesOf(String array) {
        if (!DynamicParts.isArray(array)) {
            return Optional.empty();
        }
        List<String> elements = DynamicParts.elements(array);
        byte[] bytes = new byte[elements.size()];
        for (int i = 0; i < bytes.length; i++) {
            OptionalLong value = DynamicNumbers.toLong(elements.get(i));
            if (value.isEmpty() || value.getAsLong() < 0 || value.getAsLong() > 255) {
                return Optional.empty();
            }
            bytes[i] = (byte) value.getAsLong();
        }
        return Optional.of(bytes);
    }

    /// Hexadecimal digits are small, as .NET writes them.
    private static String urlEncode(String text, String blank) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-_.!*()".indexOf(c) >= 0) {
                encoded.append(c);
            } else if (c == ' ') {
                encoded.append(blank);
            } else {
                encoded.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return encoded.toString();
    }

    private static String urlDecode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return text;
        }
    }

    private static OutputStream gzip(OutputStream out, int level) throws IOException {
        return new GZIPOutputStream(out) {
            {
                def.setLevel(level);
            }
        };
    }

    private static OutputStream zlib(OutputStream out, int level) {
        return new DeflaterOutputStream(out) {
            {
                def.setLevel(level);
            }
        };
    }

    private static String compress(String text, Compressor compressor) {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = compressor.over(bytes, plain.length < STORED_BELOW ? Deflater.NO_COMPRESSION : Deflater.DEFAULT_COMPRESSION)) {
            out.write(plain);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return base64(bytes.toByteArray());
    }

    private static String decompress(String base64, Decompressor decompressor) {
        Optional<byte[]> compressed = bytes(base64);
        if (compressed.isEmpty()) {
            return "";
        }
        try (InputStream in = decompressor.over(new ByteArrayInputStream(compressed.get()))) {
            byte[] text = in.readNBytes(DECOMPRESSED_MAX + 1);
            if (text.length > DECOMPRESSED_MAX) {
                throw new IllegalArgumentException("the decompressed text would exceed " + DECOMPRESSED_MAX + " bytes");
            }
            return fromUtf8(text).orElse("");
        } catch (IOException notCompressed) {
            return "";
        }
    }

    /// A domain's labels, which dots of several scripts divide.
    private static String labels(String domain, LabelChange change) {
        String plain = domain.replaceAll("[\\u3002\\uFF0E\\uFF61]", ".");
        return Arrays.stream(plain.split("\\.", -1)).map(change::apply).collect(Collectors.joining("."));
    }

    private static String formatBytes(double size, long precision, String unit) {
        if (!Double.isFinite(size)) {
            return "";
        }
        int index = UNITS.stream().map(u -> u.toLowerCase(Locale.ROOT)).toList().indexOf(unit.toLowerCase(Locale.ROOT));
        if (index < 0) {
            index = 0;
            for (double rest = Math.abs(size); rest >= 1024 && index < UNITS.size() - 1; rest /= 1024) {
                index++;
            }
        }
        BigDecimal scaled = BigDecimal.valueOf(size / Math.pow(1024, index))
                .setScale((int) Math.clamp(precision, 0L, 15L), RoundingMode.HALF_UP);
        String digits = scaled.signum() == 0 ? "0" : scaled.stripTrailingZeros().toPlainString();
        return digits + " " + UNITS.get(index);
    }
}
