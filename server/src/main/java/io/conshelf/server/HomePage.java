package io.conshelf.server;

import io.conshelf.server.page.ContentPolicy;

/// What a browser shows when it opens the server's address.
final class HomePage {
    private static final String STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#123}"
            + "code{background:#eef3f6;padding:.1rem .3rem;border-radius:.2rem}";
    static final String HTML = """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Conshelf</title>
            <style>%s</style></head>
            <body>
            <h1>Conshelf</h1>
            <p>This is a cluster that speaks the protocol of Azure Data Explorer (Kusto). Point any Kusto client at this
            address, for queries, management commands, streaming and queued ingestion.</p>
            <ul>
            <li><code>POST /v2/rest/query</code>, <code>POST /v1/rest/mgmt</code>,
            <code>POST /v1/rest/ingest/{database}/{table}</code></li>
            <li><a href="/health/ready">/health/ready</a> and <a href="/metrics">/metrics</a></li>
            <li>from a terminal: <code>./conshelf query 'print now()'</code></li>
            </ul>
            </body></html>
            """.formatted(STYLE);
    static final String POLICY = ContentPolicy.styled(STYLE);

    private HomePage() {}
}
