package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObfuscatedTextTest {
    @ParameterizedTest
    @ValueSource(strings = {
        ".export to sql T 'Host=h;Password=s3cret' <| A",
        ".export to sql T \"Host=h;Password=s3'cret;Database=d\" <| A",
        ".export to sql T \"Host=h;Password=s3'cret\" <| A",
        ".export to sql T 'Host=h;Password=\"s3;cret\";Database=d' <| A",
        ".export to sql T \"Host=h;Password='s3;cret'\" <| A",
        ".export to sql T \"Host=h;Password=\\\"s3;cret\\\";Database=d\" <| A",
        ".export to sql T @\"Host=h;Password=\"\"s3;cret\"\";Database=d\" <| A",
        ".export to sql T @'Host=h;Password=''a''''s3;cret'';Database=d' <| A",
        ".export to sql T ```Host=h;\nPwd=s3cret``` <| A",
        ".export to sql T 'Host=h' with (token='s3cret', x=1) <| A",
        ".export to sql T 'Host=h' with (token=@\"s3cret\") <| A",
        ".export to sql T 'Host=h' with (accessToken = ~~~s3cret~~~) <| A",
        ".export to sql T 'Host=h;Access Token=s3cret' <| A",
        ".export to csv ('DefaultEndpointsProtocol=http;AccountName=a;AccountKey=s3cret==') <| A",
        ".ingest into table T ('https://h/c/b?sv=1&sig=s3cret')",
        ".ingest into table T ('https://h/c/b;s3cret')",
        ".ingest into table T ('https://user:s3cret@h/c/b')",
        "Data Source=https://h;Application Key=s3cret",
        "SharedAccessSignature=sv=1&sig=s3cret",
        "sv=2021&sig=s3cret%2Bx%3D",
        "Host=h;Password=s3'cret;Database=d",
        "Host=h;Password=\"s3;cret\";Database=d",
        "it can't open 'Host=h;Password=\"s3;cret\"'",
        "it's \"Host=h;Password='s3cret'\"",
        "A // don't\n| extend a = 'Password=s3cret'",
        "A // Password=s3cret",
        ".export to sql T 'Host=h;Password=s3cret",
    })
    void hidesWhatOpensAServer(String text) {
        assertThat(ObfuscatedText.ofRequest(text)).contains("*****").doesNotContain("cret").doesNotContain("s3");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "Host=h;Password=s3cret", "Host=h;Password=\"s3;cret\";Database=d", "Host=h;Password='s3;cret'", "Host=h;pwd = s3'cret;Database=d",
        "Host=h;Password='a''s3;cret", "AccountName=a;AccountKey=s3cret", "Host=h;Token=s3cret", "https://h/c?sig=s3cret",
    })
    void hidesWhatAConnectionStringOpensWith(String text) {
        assertThat(ObfuscatedText.ofConnection(text)).contains("*****").doesNotContain("cret").doesNotContain("s3");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "A | where password == 'x' and token =~ \"y\" | extend b = 'it''s'",
        "A | extend token = tostring(b), secretary='x'",
        "A | parse b with 'token=' c ' password=' d",
        ".export to sql T 'Host=h;Database=d' with (createifnotexists=true) <| A",
    })
    void leavesOtherTextsAsTheyAre(String text) {
        assertThat(ObfuscatedText.ofRequest(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        ".ingest into table T ('https://user:s3cret@h/c/b')", ".ingest into table T ('https://h/c/b?sig=s3cret')", "A // Password=s3cret",
        "A | where a == h's3cret' and b == 1", "A | where a == h```s3cret", "Host=h;Password=\"s3;cret\";Database=d",
    })
    void showsTheBeginningOfALongRequestAsThatOfTheWhole(String text) {
        String longText = text + " | where x in (" + "'abc',".repeat(2_000) + "'')";
        String whole = ObfuscatedText.ofRequest(longText);
        for (int chars = 0; chars < 100; chars++) {
            assertThat(ObfuscatedText.ofRequest(longText, chars)).isEqualTo(whole.substring(0, Math.min(chars, whole.length())));
        }
        for (int cut = 0; cut <= text.length(); cut++) {
            // The text ends, or is cut off, somewhere in the secret.
            String filled = "x ".repeat(6_000) + text;
            assertThat(ObfuscatedText.ofRequest(filled, filled.length() - 2 * 4_096 - cut)).doesNotContain("s3").doesNotContain("cret");
        }
    }

    @Test
    void showsTheRestOfTheRequest() {
        assertThat(ObfuscatedText.ofRequest(".export to sql T \"Host=h;Password=s3'cret;Database=d\" with (token='x', a=1) <| A | take 1"))
                .isEqualTo(".export to sql T \"Host=h;Password=*****;Database=d\" with (token='*****', a=1) <| A | take 1");
    }
}
