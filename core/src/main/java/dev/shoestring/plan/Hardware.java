package dev.shoestring.plan;

import dev.shoestring.cost.Link;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One kind of device that training can run on, from a catalogue.
 *
 * @param name its name on the command line
 * @param title its name in words
 * @param peak dense peak in FLOP/s by precision ({@code fp32}, {@code fp16}, {@code bf16}, {@code fp8}); a precision that is missing is
 *     not computed in hardware
 * @param sustained share of the peak that the best matrix product reaches and holds
 * @param sustainedSource where {@code sustained} comes from
 * @param bandwidth memory bandwidth, bytes/s
 * @param memory memory, bytes
 * @param watts power of the board or package at its limit
 * @param link bytes/s between devices of one machine, in one direction
 * @param network bytes/s between machines, for each device, in one direction
 * @param linkLatency seconds between devices of one machine
 * @param networkLatency seconds between machines
 * @param devicesPerMachine devices that {@code link} joins
 * @param price what an hour of it costs; null if there is no usual price
 */
public record Hardware(
        String name,
        String title,
        Map<String, Double> peak,
        double sustained,
        String sustainedSource,
        double bandwidth,
        double memory,
        double watts,
        double link,
        double network,
        double linkLatency,
        double networkLatency,
        int devicesPerMachine,
        @Nullable Price price) {
    /** Copies the map. */
    public Hardware {
        peak = Map.copyOf(peak);
    }

    /**
     * A price with its date.
     *
     * @param perHour of one device
     * @param currency ISO 4217 code
     * @param source whose price
     * @param asOf when
     */
    public record Price(double perHour, String currency, String source, String asOf) {}

    /** As this, with so many devices in a machine and such a network out of each. */
    public Hardware joined(int devices, @Nullable Link out) {
        return new Hardware(
                name,
                title,
                peak,
                sustained,
                sustainedSource,
                bandwidth,
                memory,
                watts,
                link,
                out == null ? network * devicesPerMachine / devices : out.bytesPerSecond() / devices,
                linkLatency,
                out == null ? networkLatency : out.latency(),
                devices,
                price);
    }

    /** What leads out of a machine. */
    public Link outOfAMachine() {
        return new Link(network * devicesPerMachine, networkLatency);
    }

    /** Whether matrix products of this precision run in hardware. */
    public boolean has(String precision) {
        return peak.containsKey(precision);
    }

    /** Peak in FLOP/s; that of fp32 if the precision is emulated. */
    public double peakOf(String precision) {
        Double own = peak.get(precision);
        return own == null ? peak.getOrDefault("fp32", 0.0) : own;
    }
}
