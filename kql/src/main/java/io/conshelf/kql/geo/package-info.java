/// Geometry on the Earth as Kusto means it: GeoJSON in and out, points in degrees (longitude before latitude), edges along great circles of a sphere, cells
/// of S2, H3 and geohash. What is not valid GeoJSON, or no valid shape, is absent, which the functions answer with null.
package io.conshelf.kql.geo;
