package io.conshelf.server.identity;

/// Somebody with an account, who signs in on a page.
///
/// @param id   what the service calls object id
/// @param name what they sign in as, such as anna@contoso.com; in lower case
public record Person(String id, String name, SecretHash password) {
    /// As commands name them.
    public String fullyQualifiedName(String tenant) {
        return "aaduser=" + name + ";" + tenant;
    }
}
