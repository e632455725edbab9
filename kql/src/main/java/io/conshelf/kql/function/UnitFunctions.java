package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Quantities in other units. Each unit is known by its size in one base unit; temperatures also have a zero of their own.
final class UnitFunctions {
    /// A unit's value `x` is `x * size + zero` base units.
    private record Unit(double size, double zero) {}

    private static final double DEGREE = 1;
    private static final double RADIAN = 180 / Math.PI;
    private static final double JOULE = 1;
    private static final double BTU = 1055.05585262;
    private static final double ELECTRON_VOLT = 1.602176565e-19;
    private static final double THERM_US = 1.054804e8;
    private static final double THERM_IMPERIAL = 1.05505585257348e8;
    private static final double NEWTON = 1;
    private static final double KILOGRAM_FORCE = 9.80665;
    private static final double POUND_FORCE = 4.4482216152605;
    private static final double METER = 1;
    private static final double INCH = 0.0254;
    private static final double FOOT = 0.3048;
    private static final double US_SURVEY_FOOT = 1200.0 / 3937;
    private static final double LIGHT_YEAR = 9.46073047258e15;
    private static final double PARSEC = 3.08567758128e16;
    private static final double KILOGRAM = 1;
    private static final double POUND = 0.45359237;
    private static final double MINUTE = 60;
    private static final double HOUR = 3600;
    private static final double LITER = 0.001;
    private static final double US_GALLON = 0.003785411784;
    private static final double IMPERIAL_GALLON = 0.00454609;
    private static final double CUBIC_FOOT = FOOT * FOOT * FOOT;

    private static final Map<String, Unit> ANGLES = sizes(
            "Arcminute", DEGREE / 60, "Arcsecond", DEGREE / 3600, "Centiradian", RADIAN / 100, "Deciradian", RADIAN / 10,
            "Degree", DEGREE, "Gradian", DEGREE * 0.9, "Microdegree", DEGREE / 1e6, "Microradian", RADIAN / 1e6,
            "Millidegree", DEGREE / 1e3, "Milliradian", RADIAN / 1e3, "Nanodegree", DEGREE / 1e9,
            "Nanoradian", RADIAN / 1e9, "NatoMil", DEGREE * 9 / 160, "Radian", RADIAN, "Revolution", DEGREE * 360);
    private static final Map<String, Unit> ENERGIES = sizes(
            "BritishThermalUnit", BTU, "Calorie", 4.184, "DecathermEc", BTU * 1e6, "DecathermImperial", THERM_IMPERIAL * 10,
            "DecathermUs", THERM_US * 10, "ElectronVolt", ELECTRON_VOLT, "Erg", 1e-7, "FootPound", 1.355817948,
            "GigabritishThermalUnit", BTU * 1e9, "GigaelectronVolt", ELECTRON_VOLT * 1e9, "Gigajoule", JOULE * 1e9,
            "GigawattDay", 86400e9, "GigawattHour", 3600e9, "HorsepowerHour", 2.6845195377e6, "Joule", JOULE,
            "KilobritishThermalUnit", BTU * 1e3, "Kilocalorie", 4184.0, "KiloelectronVolt", ELECTRON_VOLT * 1e3,
            "Kilojoule", JOULE * 1e3, "KilowattDay", 86400e3, "KilowattHour", 3600e3, "MegabritishThermalUnit", BTU * 1e6,
            "Megacalorie", 4.184e6, "MegaelectronVolt", ELECTRON_VOLT * 1e6, "Megajoule", JOULE * 1e6,
            "MegawattDay", 86400e6, "MegawattHour", 3600e6, "Millijoule", JOULE / 1e3,
            "TeraelectronVolt", ELECTRON_VOLT * 1e12, "TerawattDay", 86400e12, "TerawattHour", 3600e12, "ThermEc", BTU * 1e5,
            "ThermImperial", THERM_IMPERIAL, "ThermUs", THERM_US, "WattDay", 86400.0, "WattHour", 3600.0);
    private static final Map<String, Unit> FORCES = sizes(
            "Decanewton", NEWTON * 10, "Dyn", NEWTON / 1e5, "KilogramForce", KILOGRAM_FORCE, "Kilonewton", NEWTON * 1e3,
            "KiloPond", KILOGRAM_FORCE, "KilopoundForce", POUND_FORCE * 1e3, "Meganewton", NEWTON * 1e6,
            "Micronewton", NEWTON / 1e6, "Millinewton", NEWTON / 1e3, "Newton", NEWTON, "OunceForce", POUND_FORCE / 16,
            "Poundal", 0.138254954376, "PoundForce", POUND_FORCE, "ShortTonForce", POUND_FORCE * 2000,
            "TonneForce", KILOGRAM_FORCE * 1e3);
    private static final Map<String, Unit> LENGTHS = sizes(
            "Angstrom", METER / 1e10, "AstronomicalUnit", 1.495978707e11, "Centimeter", METER / 100, "Chain", FOOT * 66,
            "DataMile", FOOT * 6000, "Decameter", METER * 10, "Decimeter", METER / 10, "DtpPica", INCH / 6,
            "DtpPoint", INCH / 72, "Fathom", FOOT * 6, "Foot", FOOT, "Hand", INCH * 4, "Hectometer", METER * 100,
            "Inch", INCH, "KilolightYear", LIGHT_YEAR * 1e3, "Kilometer", METER * 1e3, "Kiloparsec", PARSEC * 1e3,
            "LightYear", LIGHT_YEAR, "MegalightYear", LIGHT_YEAR * 1e6, "Megaparsec", PARSEC * 1e6, "Meter", METER,
            "Microinch", INCH / 1e6, "Micrometer", METER / 1e6, "Mil", INCH / 1e3, "Mile", FOOT * 5280,
            "Millimeter", METER / 1e3, "Nanometer", METER / 1e9, "NauticalMile", METER * 1852, "Parsec", PARSEC,
            "PrinterPica", METER / 237.106301584, "PrinterPoint", INCH / 72.27, "Shackle", FOOT * 90,
            "SolarRadius", METER * 6.95510000e8, "Twip", INCH / 1440, "UsSurveyFoot", US_SURVEY_FOOT, "Yard", FOOT * 3);
    private static final Map<String, Unit> MASSES = sizes(
            "Centigram", KILOGRAM / 1e5, "Decagram", KILOGRAM / 100, "Decigram", KILOGRAM / 1e4, "EarthMass", 5.9722e24,
            "Grain", POUND / 7000, "Gram", KILOGRAM / 1e3, "Hectogram", KILOGRAM / 10, "Kilogram", KILOGRAM,
            "Kilopound", POUND * 1e3, "Kilotonne", KILOGRAM * 1e6, "LongHundredweight", POUND * 112, "LongTon", POUND * 2240,
            "Megapound", POUND * 1e6, "Megatonne", KILOGRAM * 1e9, "Microgram", KILOGRAM / 1e9, "Milligram", KILOGRAM / 1e6,
            "Nanogram", KILOGRAM / 1e12, "Ounce", POUND / 16, "Pound", POUND, "ShortHundredweight", POUND * 100,
            "ShortTon", POUND * 2000, "Slug", POUND_FORCE / FOOT, "SolarMass", 1.98947e30, "Stone", POUND * 14,
            "Tonne", KILOGRAM * 1e3);
    private static final Map<String, Unit> SPEEDS = sizes(
            "CentimeterPerHour", 0.01 / HOUR, "CentimeterPerMinute", 0.01 / MINUTE, "CentimeterPerSecond", 0.01,
            "DecimeterPerMinute", 0.1 / MINUTE, "DecimeterPerSecond", 0.1, "FootPerHour", FOOT / HOUR,
            "FootPerMinute", FOOT / MINUTE, "FootPerSecond", FOOT, "InchPerHour", INCH / HOUR, "InchPerMinute", INCH / MINUTE,
            "InchPerSecond", INCH, "KilometerPerHour", 1e3 / HOUR, "KilometerPerMinute", 1e3 / MINUTE,
            "KilometerPerSecond", 1e3, "Knot", 1852 / HOUR, "MeterPerHour", 1 / HOUR, "MeterPerMinute", 1 / MINUTE,
            "MeterPerSecond", 1.0, "MicrometerPerMinute", 1e-6 / MINUTE, "MicrometerPerSecond", 1e-6,
            "MilePerHour", FOOT * 5280 / HOUR, "MillimeterPerHour", 1e-3 / HOUR, "MillimeterPerMinute", 1e-3 / MINUTE,
            "MillimeterPerSecond", 1e-3, "NanometerPerMinute", 1e-9 / MINUTE, "NanometerPerSecond", 1e-9,
            "UsSurveyFootPerHour", US_SURVEY_FOOT / HOUR, "UsSurveyFootPerMinute", US_SURVEY_FOOT / MINUTE,
            "UsSurveyFootPerSecond", US_SURVEY_FOOT, "YardPerHour", FOOT * 3 / HOUR, "YardPerMinute", FOOT * 3 / MINUTE,
            "YardPerSecond", FOOT * 3);
    /// In kelvins.
    private static final Map<String, Unit> TEMPERATURES = Map.of(
            "Kelvin", new Unit(1, 0), "DegreeCelsius", new Unit(1, 273.15), "MillidegreeCelsius", new Unit(1e-3, 273.15),
            "DegreeDelisle", new Unit(-2.0 / 3, 373.15), "DegreeFahrenheit", new Unit(5.0 / 9, 459.67 * 5 / 9),
            "DegreeNewton", new Unit(100.0 / 33, 273.15), "DegreeRankine", new Unit(5.0 / 9, 0),
            "DegreeReaumur", new Unit(1.25, 273.15), "DegreeRoemer", new Unit(40.0 / 21, 273.15 - 7.5 * 40 / 21),
            "SolarTemperature", new Unit(5778, 0));
    private static final Map<String, Unit> VOLUMES = sizes(
            "AcreFoot", CUBIC_FOOT * 43560, "AuTablespoon", LITER * 0.02, "BoardFoot", CUBIC_FOOT / 12, "Centiliter", LITER / 100,
            "CubicCentimeter", 1e-6, "CubicDecimeter", 1e-3, "CubicFoot", CUBIC_FOOT, "CubicHectometer", 1e6,
            "CubicInch", INCH * INCH * INCH, "CubicKilometer", 1e9, "CubicMeter", 1.0, "CubicMicrometer", 1e-18,
            "CubicMile", CUBIC_FOOT * 5280 * 5280 * 5280, "CubicMillimeter", 1e-9, "CubicYard", CUBIC_FOOT * 27,
            "Decaliter", LITER * 10, "DecausGallon", US_GALLON * 10, "Deciliter", LITER / 10, "DeciusGallon", US_GALLON / 10,
            "HectocubicFoot", CUBIC_FOOT * 100, "HectocubicMeter", 100.0, "Hectoliter", LITER * 100,
            "HectousGallon", US_GALLON * 100, "ImperialBeerBarrel", IMPERIAL_GALLON * 36, "ImperialGallon", IMPERIAL_GALLON,
            "ImperialOunce", IMPERIAL_GALLON / 160, "ImperialPint", IMPERIAL_GALLON / 8, "KilocubicFoot", CUBIC_FOOT * 1e3,
            "KilocubicMeter", 1e3, "KiloimperialGallon", IMPERIAL_GALLON * 1e3, "Kiloliter", LITER * 1e3,
            "KilousGallon", US_GALLON * 1e3, "Liter", LITER, "MegacubicFoot", CUBIC_FOOT * 1e6,
            "MegaimperialGallon", IMPERIAL_GALLON * 1e6, "Megaliter", LITER * 1e6, "MegausGallon", US_GALLON * 1e6,
            "MetricCup", LITER / 4, "MetricTeaspoon", LITER / 200, "Microliter", LITER / 1e6, "Milliliter", LITER / 1e3,
            "OilBarrel", US_GALLON * 42, "UkTablespoon", LITER * 0.015, "UsBeerBarrel", US_GALLON * 31,
            "UsCustomaryCup", US_GALLON / 16, "UsGallon", US_GALLON, "UsLegalCup", LITER * 0.24, "UsOunce", US_GALLON / 128,
            "UsPint", US_GALLON / 8, "UsQuart", US_GALLON / 4, "UsTablespoon", US_GALLON / 256, "UsTeaspoon", US_GALLON / 768);

    static final List<ScalarFunction> ALL = List.of(
            convert("angle", ANGLES), convert("energy", ENERGIES), convert("force", FORCES), convert("length", LENGTHS),
            convert("mass", MASSES), convert("speed", SPEEDS), convert("temperature", TEMPERATURES),
            convert("volume", VOLUMES));

    private UnitFunctions() {}

    private static Map<String, Unit> sizes(Object... namesAndSizes) {
        Map<String, Unit> units = new HashMap<>();
        for (int i = 0; i < namesAndSizes.length; i += 2) {
            units.put((String) namesAndSizes[i], new Unit((Double) namesAndSizes[i + 1], 0));
        }
        return Map.copyOf(units);
    }

    private static ScalarFunction convert(String quantity, Map<String, Unit> units) {
        String name = "convert_" + quantity;
        return scalar(name, NONE, "A " + quantity + " in another unit.",
                takes(numberAsReal("value"), string("from").asConstant(), string("to").asConstant()).returns(REAL)
                        .rewrite(args -> {
                            Unit from = units.get(DateTimeFunctions.text(args.get(1)));
                            Unit to = units.get(DateTimeFunctions.text(args.get(2)));
                            if (from == null || to == null) {
                                return new Expr.Null(REAL);
                            }
                            double zero = (from.zero - to.zero) / to.size;
                            return call(name, zero == 0 ? "{0} * {1}" : "{0} * {1} + {2}", REAL, args.getFirst(),
                                    new Expr.Constant(REAL, from.size / to.size), new Expr.Constant(REAL, zero));
                        }));
    }
}
