/// Brokers of MQTT 3.1.1 and 5: subscriptions whose messages are acknowledged when whoever reads says so, and messages sent.
package io.conshelf.connectors.mqtt;
