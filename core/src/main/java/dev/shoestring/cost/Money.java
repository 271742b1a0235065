package dev.shoestring.cost;

/**
 * A sum of money.
 *
 * @param amount in units of the currency
 * @param currency its ISO 4217 code
 */
public record Money(double amount, String currency) {}
