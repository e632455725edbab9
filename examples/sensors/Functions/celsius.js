// Degrees Fahrenheit as degrees Celsius, rounded to hundredths.
function main(fahrenheit) {
    return fahrenheit === null ? null : Math.round((fahrenheit - 32) / 1.8 * 100) / 100;
}
