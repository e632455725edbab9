/// Topics of Kafka, and of what speaks its protocol: Event Hubs and IoT Hub through their Kafka endpoint (built by their documentation, not verified against
/// the real services).
package io.conshelf.connectors.kafka;
