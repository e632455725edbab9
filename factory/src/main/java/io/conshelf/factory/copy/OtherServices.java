package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;

import java.util.List;

/// Linked services that hold neither files nor rows, such as a vault of secrets.
final class OtherServices {
    static final List<Declaration> ALL = List.of(
            type("AzureKeyVault").needs("baseUrl").takes("credential").build());

    private OtherServices() {}
}
