/** Prices in cents, so that sums stay exact. */
export interface Price {
    cents: number;
    currency: "EUR" | "USD";
}

export function formatPrice(price: Price): string {
    const amount = (price.cents / 100).toFixed(2);
    return `${amount} ${price.currency}`;
}

export function addPrices(a: Price, b: Price): Price {
    if (a.currency !== b.currency) {
        throw new Error(`cannot add ${a.currency} and ${b.currency}`);
    }
    return { cents: a.cents + b.cents, currency: a.currency };
}
