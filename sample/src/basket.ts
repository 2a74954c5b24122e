import { addPrices, type Price } from "./price";

export interface Item {
    name: string;
    price: Price;
    quantity: number;
}

export class Basket {
    private readonly items: Item[] = [];

    add(item: Item): void {
        this.items.push(item);
    }

    remove(name: string): void {
        const index = this.items.findIndex((item) => item.name === name);
        if (index >= 0) {
            this.items.splice(index, 1);
        }
    }

    cheapest(): Item | undefined {
        let best: Item | undefined;
        for (const item of this.items) {
            if (!best || item.price.cents < best.price.cents) {
                best = item;
            }
        }
        return best;
    }

    total(): Price {
        let sum: Price = { cents: 0, currency: "EUR" };
        for (const item of this.items) {
            for (let i = 0; i < item.quantity; i++) {
                sum = addPrices(sum, item.price);
            }
        }
        return sum;
    }
}
