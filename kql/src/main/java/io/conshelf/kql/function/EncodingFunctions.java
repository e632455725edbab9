package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import java.util.ArrayList;
import java.util.List;

/// Texts in other clothes: base64, URLs, compression, Punycode, formatted sizes.
final class EncodingFunctions {
    static final List<ScalarFunction> ALL = all();

    private EncodingFunctions() {}

    private static List<ScalarFunction> all() {
        List<ScalarFunction> all = new ArrayList<>();
        for (String name : List.of("base64_encode_tostring", "base64_encodestring")) {
            all.add(text(name, "The base64 text of a text's bytes.", "kql_base64_encode({0})"));
        }
        for (String name : List.of("base64_decode_tostring", "base64_decodestring")) {
            all.add(text(name, "The text that a base64 text stands for; empty where it stands for none.", "kql_base64_decode({0})"));
        }
        all.add(scalar("base64_decode_toarray", NONE, "The bytes that a base64 text stands for, as an array of numbers.",
                takes(string("base64_string")).returns(DYNAMIC).sql("kql_base64_decode_array({0})")));
        all.add(scalar("base64_encode_fromarray", NONE, "The base64 text of an array of bytes.",
                takes(dynamic("base64_string_decoded_as_array")).returns(STRING)
                        .sql("coalesce(kql_base64_encode_array({0}), '')")));
        all.add(scalar("base64_encode_fromguid", NONE, "The base64 text of a guid's bytes.",
                takes(guid("guid")).returns(STRING).sql("coalesce(kql_base64_encode_guid(CAST({0} AS VARCHAR)), '')")));
        all.add(scalar("base64_decode_toguid", NONE, "The guid whose bytes a base64 text stands for.",
                takes(string("base64_string")).returns(GUID).sql("TRY_CAST(kql_base64_decode_guid({0}) AS UUID)")));
        all.add(text("url_encode", "The text as a part of a URL, with '+' for blanks.", "kql_url_encode({0})"));
        all.add(text("url_encode_component", "The text as a part of a URL, with '%20' for blanks.", "kql_url_encode_component({0})"));
        all.add(text("url_decode", "The text that a part of a URL stands for.", "kql_url_decode({0})"));
        all.add(text("gzip_compress_to_base64_string", "The text compressed with gzip, as base64.", "kql_gzip({0})"));
        all.add(text("gzip_decompress_from_base64_string", "The text that was compressed with gzip; empty where none was.", "kql_gunzip({0})"));
        all.add(text("zlib_compress_to_base64_string", "The text compressed with zlib, as base64.", "kql_zlib({0})"));
        all.add(text("zlib_decompress_from_base64_string", "The text that was compressed with zlib; empty where none was.", "kql_unzlib({0})"));
        all.add(text("punycode_from_string", "The text in Punycode.", "kql_punycode({0})"));
        all.add(text("punycode_to_string", "The text that Punycode stands for; empty where it stands for none.", "kql_unpunycode({0})"));
        all.add(text("punycode_domain_from_string", "A domain name with the labels that are in Punycode decoded.", "kql_domain_from_punycode({0})"));
        all.add(text("punycode_domain_to_string", "A domain name with the labels that are not ASCII in Punycode.", "kql_domain_to_punycode({0})"));
        all.add(scalar("format_bytes", FIRST_ARGUMENT, "A number of bytes in the unit that fits or is asked for: '1.2 MB'.",
                takes(numberAsReal("size"), number("precision").as(LONG).orElse(LONG, 0L), string("format").orElse(STRING, ""))
                        .returns(STRING)
                        .sql("coalesce(kql_format_bytes({0}, {1}, {2}), '')")));
        return List.copyOf(all);
    }

    private static ScalarFunction text(String name, String summary, String template) {
        return scalar(name, NONE, summary, takes(string("text")).returns(STRING).sql(template));
    }
}
