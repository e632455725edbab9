package io.conshelf.server.identity;

import io.conshelf.server.identity.PersonGrants.Asked;
import io.conshelf.server.identity.PersonGrants.Device;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The pages on which people sign in: for a program on their machine, which gets a code, or for one that shows a code to type in.
public final class PersonSignIn {
    private static final String SCRIPT_FREE = "default-src 'none'; style-src '%s'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

    private final People people;
    private final PersonGrants grants;
    private final SecretChecks.Brake codes;
    private final String tenant;

    /// What a browser gets.
    ///
    /// @param location where it goes on to; empty where it stays
    /// @param policy   what the page may load and where it may send to
    /// @param again    when to try again, where it was too often
    public record Page(int status, String html, String location, String policy, Optional<Duration> again) {
        Page(int status, String html, String location, String policy) {
            this(status, html, location, policy, Optional.empty());
        }

        Page again(Duration after) {
            return new Page(status, html, location, policy, Optional.of(after));
        }
    }

    /// @param codes how often codes that are typed in may be wrong
    PersonSignIn(People people, PersonGrants grants, SecretChecks.Brake codes, String tenant) {
        this.people = people;
        this.grants = grants;
        this.codes = codes;
        this.tenant = tenant;
    }

    /// `/{tenant}/oauth2/[v2.0/]authorize`.
    ///
    /// @param query  what the program asks for
    /// @param form   what somebody filled in; empty where the page is shown first
    /// @param from   the client's address
    public Page authorize(Map<String, String> query, Map<String, String> form, String from) {
        Asked asked;
        try {
            asked = asked(query);
        } catch (IllegalArgumentException e) {
            // Not sent back to the program: where that is may be what is wrong.
            return page(400, "Signing in is not possible", "<p>The program that opened this page asks wrongly: " + SignInHtml.text(e.getMessage()) + ".</p>", "");
        }
        if (form.isEmpty()) {
            return form(200, asked, query.getOrDefault("login_hint", ""), "");
        }
        String name = form.getOrDefault("username", "");
        return switch (people.check(name, form.getOrDefault("password", ""), from)) {
            case People.Outcome.Right(Person person) -> handedOver(asked, person, query);
            case People.Outcome.NotRight _ -> form(401, asked, name, "The name or the password is not right.");
            case People.Outcome.TooMany(var pause) -> form(429, asked, name, tooMany(pause.toSeconds())).again(pause);
        };
    }

    private static String tooMany(long seconds) {
        return "There were too many wrong passwords. Try again in " + seconds + " seconds.";
    }

    private static Asked asked(Map<String, String> query) {
        if (!query.getOrDefault("response_type", "").equals("code")) {
            throw new IllegalArgumentException("'response_type' is to be 'code'");
        }
        if (!query.getOrDefault("code_challenge_method", "").equals("S256")) {
            throw new IllegalArgumentException("'code_challenge_method' is to be 'S256'");
        }
        String mode = query.getOrDefault("response_mode", "query");
        if (!mode.equals("query") && !mode.equals("form_post")) {
            throw new IllegalArgumentException("'response_mode' is query or form_post");
        }
        return new Asked(query.getOrDefault("client_id", ""), query.getOrDefault("redirect_uri", ""), query.getOrDefault("code_challenge", ""),
                query.getOrDefault("scope", query.getOrDefault("resource", "")), query.getOrDefault("nonce", ""));
    }

    private Page handedOver(Asked asked, Person person, Map<String, String> query) {
        Map<String, String> answer = new LinkedHashMap<>();
        answer.put("code", grants.authorize(asked, person));
        answer.put("client_info", TokenRequests.clientInfo(person, tenant));
        Optional.ofNullable(query.get("state")).ifPresent(state -> answer.put("state", state));
        if (query.getOrDefault("response_mode", "query").equals("form_post")) {
            var fields = new StringBuilder();
            answer.forEach((name, value) -> fields.append(SignInHtml.hidden(name, value)));
            return SignInHtml.posted(asked.redirect(), fields.toString());
        }
        var location = new StringBuilder(asked.redirect());
        answer.forEach((name, value) -> location.append(location.indexOf("?") < 0 ? '?' : '&').append(name).append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return new Page(302, "", location.toString(), policy());
    }

    private static Page form(int status, Asked asked, String name, String problem) {
        return page(status, "Sign in", "<p>A program on your machine asks to act for you (<code>" + SignInHtml.text(asked.client()) + "</code>).</p>"
                + SignInHtml.form(SignInHtml.credentials(name), "<button>Sign in</button>"), problem, loopback());
    }

    // Browsers hold the answer to a form to the same policy, and it leads back to the program.
    private static String loopback() {
        return policy() + " http://localhost:* http://127.0.0.1:*";
    }

    /// `/device`: where people type in what another device shows.
    ///
    /// @param from the client's address
    public Page device(Map<String, String> query, Map<String, String> form, String from) {
        String typed = form.getOrDefault("code", query.getOrDefault("code", ""));
        if (form.isEmpty()) {
            return deviceForm(200, typed, "", "");
        }
        String name = form.getOrDefault("username", "");
        // One counts as wrong until it has turned out right, so that many that come at once are no more than a few.
        Optional<Duration> pause = codes.ask("", from);
        if (pause.isPresent()) {
            return deviceForm(429, typed, name, "There were too many wrong codes. Try again in " + pause.get().toSeconds() + " seconds.").again(pause.get());
        }
        Optional<Device> device = grants.waiting(typed);
        if (device.isEmpty()) {
            return deviceForm(400, typed, name, "No program waits for this code; it may have expired.");
        }
        codes.forget("", from);
        if (form.getOrDefault("answer", "").equals("decline")) {
            grants.end(device.get(), Optional.empty());
            return page(200, "Declined", "<p>The program is told so. You can close this page.</p>", "");
        }
        return switch (people.check(name, form.getOrDefault("password", ""), from)) {
            case People.Outcome.Right(Person person) -> {
                grants.end(device.get(), Optional.of(person));
                yield page(200, "Signed in", "<p>The program goes on as " + SignInHtml.text(person.name()) + ". You can close this page.</p>", "");
            }
            case People.Outcome.NotRight _ -> deviceForm(401, typed, name, "The name or the password is not right.");
            case People.Outcome.TooMany(var wait) -> deviceForm(429, typed, name, tooMany(wait.toSeconds())).again(wait);
        };
    }

    private static Page deviceForm(int status, String typed, String name, String problem) {
        String code = "<label for=\"code\">Code</label><input id=\"code\" name=\"code\" autocomplete=\"off\" required value=\""
                + SignInHtml.text(typed.toUpperCase(Locale.ROOT)) + "\">";
        return page(status, "Sign in for another device", "<p>Type in the code that the program shows. Go on only if you have started that program yourself.</p>"
                + SignInHtml.form(code + SignInHtml.credentials(name),
                        "<button name=\"answer\" value=\"accept\">Sign in</button> <button name=\"answer\" value=\"decline\" formnovalidate>Decline</button>"), problem);
    }

    private static Page page(int status, String title, String content, String problem) {
        return page(status, title, content, problem, policy());
    }

    private static Page page(int status, String title, String content, String problem, String policy) {
        return new Page(status, SignInHtml.page(title, content, problem), "", policy);
    }

    private static String policy() {
        return SCRIPT_FREE.formatted(SignInHtml.STYLE_HASH);
    }
}
