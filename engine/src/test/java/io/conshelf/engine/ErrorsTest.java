package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "Binder Error: Cannot mix 'secret' and 'it''s a secret'",
        "Binder Error: Cannot mix 'it's a secret' with others",
        "Binder Error: Cannot mix \"secret\"",
        "Binder Error: Cannot mix \"a's secret\" and 'secret",
        "Binder Error: Cannot mix 'a\nsecret' with 'secret'",
        "Binder Error: Cannot mix 'a\rsecret'",
        "Binder Error: Cannot mix `secret`"
    })
    void whatIsLoggedOfDuckDbsRefusalsEndsBeforeTheFirstQuote(String message) {
        assertThat(Errors.withoutQuoted(message)).isEqualTo("Binder Error: Cannot mix …");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INTERNAL Error: Vector was not flat\nsecret", "INTERNAL Error: Vector was not flat"})
    void whatQuotesNothingIsLoggedWithItsFirstLine(String message) {
        assertThat(Errors.withoutQuoted(message)).isEqualTo("INTERNAL Error: Vector was not flat");
    }
}
